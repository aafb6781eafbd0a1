import {createHash} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import type {AuthenticationChallenge, ChallengeDecision} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {visitor} from '../authentication/visitor.ts'
import {basic, demand, demanding, startProxy} from './scripted-proxy.ts'

const user = 'bob'
const password = canary('proxy')
const right = basic(user, password)
interface Scheme {
  readonly tls?: 'good'
}

const schemes: readonly (readonly [string, Scheme])[] = [
  ['an http address', {}],
  ['an https address', {tls: 'good'}]
]

async function originWith(options: Scheme): Promise<Origin> {
  const origin = await startOrigin(options)
  origin.on('*', respond(200, {}, 'through'))
  return origin
}

/** Is this the right answer (RFC 7616, MD5 and qop=auth) to a challenge of this nonce? */
function isRightDigest(value: string, {nonce, method}: {nonce: string; method: string}): boolean {
  const fields = new Map(
    [...value.matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]*))/g)].map(([, name, a, b]) => [name, a ?? b])
  )
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  const one = md5(`${user}:the proxy:${password}`)
  const two = md5(`${method}:${fields.get('uri')}`)
  const proof = md5(`${one}:${nonce}:${fields.get('nc')}:${fields.get('cnonce')}:auth:${two}`)
  return value.startsWith('Digest ') && fields.get('nonce') === nonce && fields.get('response') === proof
}

const digest = (nonce: string, more = ''): string =>
  `Digest realm="the proxy", nonce="${nonce}", qop="auth"${more}`

describe.each(schemes)('a proxy that wants to know who asks, for %s', (_what, options) => {
  it('is told with Basic once it has asked, and at once from then on', async () => {
    await using origin = await originWith(options)
    const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
    const recorded = visitor({proxy: {url: proxy.url, user, password}, maxConnectionsPerHost: 1})
    for (let count = 0; count < 3; count++) {
      const {outcome} = await recorded.get(origin.url(`/${count}`))
      expect(outcome.error).toBeUndefined()
    }
    const [first, ...others] = proxy.values('proxy-authorization')
    expect(first).toBeUndefined()
    expect(others.every(value => value === right)).toBe(true)
    expect(origin.requests).toHaveLength(3)
  })

  it('is answered with Digest rather than with Basic, and again when its nonce was too old', async () => {
    await using origin = await originWith(options)
    const nonces = ['one', 'two']
    const proxy = await startProxy({
      objection: head => {
        const method = head.split(' ')[0] ?? ''
        const value = /^proxy-authorization: (.*)$/im.exec(head)?.[1]?.trim() ?? ''
        if (isRightDigest(value, {nonce: 'two', method})) return undefined
        const isStale = isRightDigest(value, {nonce: 'one', method})
        const [nonce = 'two'] = isStale ? nonces.slice(1) : nonces
        return demand('Basic realm="p"', digest(nonce, isStale ? ', stale=true' : ''))
      }
    })
    const recorded = visitor({proxy: {url: proxy.url, user, password}})
    const {outcome} = await recorded.get(origin.url('/'))
    expect(outcome.error).toBeUndefined()
    expect(proxy.heads).toHaveLength(3)
    expect(proxy.heads.join('')).not.toContain('Basic')
    expect(origin.requests[0]?.header('proxy-authorization')).toBeUndefined()
  })

  it('and is told the wrong name is asked once more with nothing', async () => {
    await using origin = await originWith(options)
    const proxy = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    const recorded = visitor({proxy: {url: proxy.url, user, password}, retry: {attempts: 3}})
    const {outcome} = await recorded.get(origin.url('/'))
    const refusal = options.tls
      ? {code: 'PROXY_HANDSHAKE', message: expect.stringContaining('refuses the name or the password')}
      : {code: 'HTTP_STATUS', status: 407}
    expect(outcome.error).toMatchObject(refusal)
    expect(proxy.values('proxy-authorization')).toEqual([undefined, right])
    expect(origin.requests).toEqual([])
  })

  it('is not told who we are where nobody has said it', async () => {
    await using origin = await originWith(options)
    const proxy = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    const {outcome} = await visitor({proxy: {url: proxy.url}}).get(origin.url('/'))
    expect(outcome.error).toMatchObject(
      options.tls ? {code: 'PROXY_HANDSHAKE', hint: expect.stringContaining('--proxy-user')} : {status: 407}
    )
    expect(proxy.heads).toHaveLength(1)
  })

  it('is a challenge for the delegate, as one of a proxy; several tasks find one answer', async () => {
    await using origin = await originWith(options)
    const asked: AuthenticationChallenge[] = []
    const decided: string[] = []
    const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
    const recorded = visitor(
      {proxy: {url: proxy.url}},
      {
        didReceiveChallenge: async (_task, challenge): Promise<ChallengeDecision> => {
          asked.push(challenge)
          return {disposition: 'useCredential', credential: {kind: 'password', user, password}}
        },
        didDecideChallenge: (_task, {disposition}) => void decided.push(disposition)
      }
    )
    const results = await Promise.all([1, 2, 3].map(count => recorded.get(origin.url(`/${count}`))))
    expect(results.map(({outcome}) => outcome.state)).toEqual(['completed', 'completed', 'completed'])
    expect(asked).toHaveLength(1)
    expect(decided).toEqual(['useCredential'])
    expect(asked[0]).toMatchObject({
      scope: 'task',
      protectionSpace: {isProxy: true, host: '127.0.0.1', port: proxy.port, realm: 'p', method: 'Basic'},
      previousFailureCount: 0
    })
  })

  it('is asked no further when the delegate cancels', async () => {
    await using origin = await originWith(options)
    const proxy = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    const recorded = visitor(
      {proxy: {url: proxy.url}},
      {didReceiveChallenge: () => ({disposition: 'cancel'})}
    )
    const {outcome} = await recorded.get(origin.url('/'))
    expect(outcome.state).toBe('cancelled')
    expect(proxy.heads).toHaveLength(1)
  })
})
