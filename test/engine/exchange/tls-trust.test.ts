import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:tls'
import {describe, expect, it, onTestFinished} from 'vitest'
import type {AuthenticationChallenge, ChallengeDecision, SessionDelegate} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {visitor} from '../authentication/visitor.ts'
import {startProxy} from './scripted-proxy.ts'

const trust: ChallengeDecision = {disposition: 'useCredential', credential: {kind: 'trust'}}

async function strangeOrigin(tls: 'unknownAuthority' | 'good' = 'unknownAuthority'): Promise<Origin> {
  const origin = await startOrigin({tls})
  origin.on('/', respond(200, {}, 'strange'))
  return origin
}

interface Deciding {
  readonly asked: AuthenticationChallenge[]
  readonly decided: string[]
  readonly delegate: SessionDelegate
}

function deciding(decision: ChallengeDecision): Deciding {
  const asked: AuthenticationChallenge[] = []
  const decided: string[] = []
  return {
    asked,
    decided,
    delegate: {
      didReceiveSessionChallenge: (_task, challenge) => {
        asked.push(challenge)
        return decision
      },
      didReceiveChallenge: () => {
        throw new Error('not the session')
      },
      didDecideChallenge: (_task, {disposition}) => void decided.push(disposition)
    }
  }
}

describe('a certificate that nobody vouches for', () => {
  it.each([false, true])(
    'is a challenge of the session before anything is sent; HTTP/2: %s [R33]',
    async http2 => {
      await using origin = await strangeOrigin()
      const {asked, decided, delegate} = deciding(trust)
      const {outcome, body} = await visitor({network: {http2}}, delegate).get(origin.url('/'))
      expect(outcome.error).toBeUndefined()
      expect(body).toBe('strange')
      expect(decided).toEqual(['useCredential'])
      expect(asked).toMatchObject([
        {
          scope: 'session',
          protectionSpace: {method: 'ServerTrust', isProxy: false, host: '127.0.0.1', port: origin.port},
          error: {code: 'CERTIFICATE_REFUSED'}
        }
      ])
    }
  )

  it.each(['performDefaultHandling', 'rejectProtectionSpace'] as const)(
    'is refused when the delegate says %s [R33]',
    async disposition => {
      await using origin = await strangeOrigin()
      const {decided, delegate} = deciding({disposition})
      const {outcome} = await visitor({}, delegate).get(origin.url('/'))
      expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
      expect(decided).toEqual([disposition])
      expect(origin.requests).toEqual([])
    }
  )

  it('is not trusted for any other answer, and cancels the task where the delegate says so [R33]', async () => {
    await using origin = await strangeOrigin()
    const word: ChallengeDecision = {
      disposition: 'useCredential',
      credential: {kind: 'password', user: 'a', password: 'b'}
    }
    expect((await visitor({}, deciding(word).delegate).get(origin.url('/'))).outcome.error?.code).toBe(
      'CERTIFICATE_REFUSED'
    )
    const {outcome} = await visitor({}, deciding({disposition: 'cancel'}).delegate).get(origin.url('/'))
    expect(outcome.state).toBe('cancelled')
    expect(origin.requests).toEqual([])
  })

  it('goes to the method of the task where there is none for the session [R33]', async () => {
    await using origin = await strangeOrigin()
    const {body} = await visitor({}, {didReceiveChallenge: () => trust}).get(origin.url('/'))
    expect(body).toBe('strange')
  })

  it('that one task trusts is asked about again by the next, on a connection of its own [R33]', async () => {
    await using origin = await strangeOrigin()
    let count = 0
    const {get} = visitor(
      {maxConnectionsPerHost: 1},
      {
        didReceiveSessionChallenge: () =>
          (count += 1) === 1 ? trust : {disposition: 'performDefaultHandling'}
      }
    )
    expect((await get(origin.url('/'))).body).toBe('strange')
    expect((await get(origin.url('/'))).outcome.error?.code).toBe('CERTIFICATE_REFUSED')
    expect(origin.requests).toHaveLength(1)
  })

  it('is asked about through a proxy as well, and nobody is asked about a good one [R33]', async () => {
    await using strange = await strangeOrigin()
    await using good = await strangeOrigin('good')
    const proxy = await startProxy()
    const {asked, delegate} = deciding(trust)
    const {get} = visitor({proxy: {url: proxy.url}}, delegate)
    expect((await get(good.url('/'))).body).toBe('strange')
    expect(asked).toEqual([])
    expect((await get(strange.url('/'))).body).toBe('strange')
    expect(asked).toHaveLength(1)
  })

  it('is trusted as it was shown: another one in its place is asked about anew [R33]', async () => {
    const {unknownAuthority, wrongName} = certificates
    let requests = 0
    const server = createServer({cert: unknownAuthority.cert, key: unknownAuthority.key}, socket => {
      socket.on('error', () => {})
      socket.on('data', () => (requests += 1))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    let count = 0
    const {get} = visitor(
      {},
      {
        didReceiveSessionChallenge: () => {
          server.setSecureContext({cert: wrongName.cert, key: wrongName.key})
          return (count += 1) === 1 ? trust : {disposition: 'performDefaultHandling'}
        }
      }
    )
    const {outcome} = await get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
    expect(count).toBe(2)
    expect(requests).toBe(0)
  })
})
