import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import type {Identity} from '../../origin/certificates.ts'
import {visitor} from '../authentication/visitor.ts'
import {recordedSession} from '../recorded-session.ts'

async function secureOrigin(tls: Identity): Promise<Origin> {
  const origin = await startOrigin({tls})
  origin.on('/', respond(200, {}, 'secret'))
  return origin
}

describe('a certificate', () => {
  it('that is right is accepted, by name and by address', async () => {
    await using origin = await secureOrigin('good')
    const recorded = recordedSession()
    for (const address of [origin.url('/'), origin.url('/', `localhost`)]) {
      expect((await recorded.get(address)).body.toString()).toBe('secret')
    }
  })

  it.each(['expired', 'wrongName', 'unknownAuthority'] as const)(
    'that is wrong (%s) ends the task before anything is asked [fault 21]',
    async tls => {
      await using origin = await secureOrigin(tls)
      const {outcome} = await recordedSession().get(origin.url('/'))
      expect(outcome).toMatchObject({
        state: 'failed',
        error: {code: 'CERTIFICATE_REFUSED', url: origin.url('/')}
      })
      expect(origin.requests).toHaveLength(0)
    }
  )

  it('of an authority that only this test knows is refused without it [fault 21]', async () => {
    await using origin = await secureOrigin('good')
    const {outcome} = await recordedSession({tls: {ca: undefined}}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
    expect(origin.requests).toHaveLength(0)
  })

  it.each(['expired', 'wrongName', 'unknownAuthority'] as const)(
    'that is wrong (%s) is accepted by a session that accepts any, and by no other [CVE 59]',
    async tls => {
      await using origin = await secureOrigin(tls)
      const careless = recordedSession({tls: {insecure: true}})
      const careful = recordedSession()
      expect((await careless.get(origin.url('/'))).outcome.state).toBe('completed')
      expect((await careful.get(origin.url('/'))).outcome.error?.code).toBe('CERTIFICATE_REFUSED')
      expect((await careless.get(origin.url('/'))).outcome.state).toBe('completed')
      expect(origin.requests).toHaveLength(2)
    }
  )
})

describe('TLS', () => {
  it('names the host it wants, and no address, which is no name', async () => {
    await using origin = await secureOrigin('good')
    const recorded = recordedSession()
    await recorded.get(origin.url('/', 'localhost'))
    await recorded.get(origin.url('/'))
    expect(origin.requests.map(({handshake}) => handshake?.serverName)).toEqual(['localhost', undefined])
  })

  it('is with the host of the URL, whatever the Host header says', async () => {
    await using origin = await secureOrigin('wrongName')
    const {port} = origin
    const resolve = {[`elsewhere.invalid:${port}`]: ['127.0.0.1'], [`localhost:${port}`]: ['127.0.0.1']}
    const ask = async (name: string, header: string) => {
      const request = urlRequest(origin.url('/', name), {headers: [['Host', header]]})
      return (await visitor({network: {resolve}}).get(request)).outcome.error?.code
    }
    expect(await ask('elsewhere.invalid', 'localhost')).toBeUndefined()
    expect(await ask('localhost', 'elsewhere.invalid')).toBe('CERTIFICATE_REFUSED')
    expect(await ask('127.0.0.1', 'elsewhere.invalid')).toBe('CERTIFICATE_REFUSED')
    expect(origin.requests.map(({handshake}) => handshake?.serverName)).toEqual(['elsewhere.invalid'])
    expect(origin.requests.map(request => request.header('host'))).toEqual(['localhost'])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s where nothing else is allowed [P12]', async version => {
    await using origin = await secureOrigin('good')
    await recordedSession({tls: {min: version, max: version}}).get(origin.url('/'))
    expect(origin.requests[0]?.handshake?.protocol).toBe(version)
  })

  it('with a server that does not speak it fails as a handshake, not as an answer', async () => {
    await using origin = await startOrigin()
    const {outcome} = await recordedSession({timeouts: {connect: 1}}).get(
      origin.url('/').replace('http:', 'https:')
    )
    expect(outcome.state).toBe('failed')
    expect(outcome.error?.code).toMatch(/^(TLS_HANDSHAKE|TIMED_OUT)$/)
  })

  it('without TLS, a server that speaks it gives no valid answer', async () => {
    await using origin = await secureOrigin('good')
    const {outcome} = await recordedSession().get(origin.url('/').replace('https:', 'http:'))
    expect(outcome.error?.code).toMatch(/^(REPLY_MALFORMED|EMPTY_REPLY|RECEIVE_FAILED)$/)
  })

  it('keeps its connection for the next request, and its session for the next connection', async () => {
    await using origin = await secureOrigin('good')
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    for (let count = 0; count < 3; count++) await recorded.get(origin.url('/'))
    expect(origin.connections).toBe(1)
    const {task} = await recorded.get(origin.url('/'))
    expect(task.metrics?.transactionMetrics[0]?.secureConnectionEnd).toBeUndefined()
  })
})
