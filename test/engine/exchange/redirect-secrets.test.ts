import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {ConfigurationChanges, HeaderField} from '../../../src/engine/index.ts'
import {canary, entrust} from '../../canary/canary.ts'
import {echo, redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {OriginRequest} from '../../origin/request.ts'
import {recordedSession} from '../recorded-session.ts'

const secret = canary('redirect')
const secrets: readonly HeaderField[] = [
  ['Authorization', `Bearer ${secret}`],
  ['X-Api-Key', secret],
  ['X-Amz-Security-Token', secret],
  ['Cookie', `a=${secret}`]
]
const harmless: readonly HeaderField[] = [
  ['Accept', 'text/plain'],
  ['User-Agent', 'test'],
  ['Range', 'bytes=0-1']
]

interface Crossing {
  /** What the first origin is asked with. */
  readonly headers?: readonly HeaderField[]
  readonly changes?: ConfigurationChanges
  /** Put before the host of the first address. */
  readonly user?: string
}

/** The request that arrives at a second origin after a redirection from the first. */
async function crossed({
  headers = [],
  changes = {},
  user = ''
}: Crossing): Promise<OriginRequest | undefined> {
  await using target = await startOrigin()
  target.on('*', echo)
  await using origin = await startOrigin()
  origin.on('/from', redirect(302, target.url('/to')))
  entrust(secret, origin, ...(changes.redirects?.trusted ? [target] : []))
  const address = origin.url('/from').replace('//', `//${user}`)
  await recordedSession(changes).get(urlRequest(address, {headers}))
  return target.requests[0]
}

describe('a redirection to another origin', () => {
  it.each(secrets)('takes no %s there [promise 5, wrong 11, CVE 22, CVE 23, CVE 31]', async (name, value) => {
    const request = await crossed({headers: [[name, value]]})
    expect(request).toBeDefined()
    expect(request?.rawHead).not.toContain(secret)
  })

  it('takes no header of the configuration there that could be a secret [R11, promise 5]', async () => {
    const request = await crossed({changes: {headers: {Authorization: `Bearer ${secret}`, 'X-Key': secret}}})
    expect(request).toBeDefined()
    expect(request?.rawHead).not.toContain(secret)
  })

  it("takes the address's user name and password not there [promise 5, 3A 38]", async () => {
    const request = await crossed({user: `user:${secret}@`})
    expect(request).toBeDefined()
    expect(request?.header('authorization')).toBeUndefined()
  })

  it('takes the harmless headers there, and the name of the new host [promise 5b, CVE 31]', async () => {
    const request = await crossed({headers: [...harmless, ['Host', 'other.invalid']]})
    for (const [name, value] of harmless) expect(request?.header(name)).toBe(value)
    expect(request?.header('host')).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it('takes everything there where the session says that all are trusted', async () => {
    const request = await crossed({headers: secrets, changes: {redirects: {trusted: true}}})
    for (const [name, value] of secrets.slice(0, 3)) expect(request?.header(name)).toBe(value)
  })

  it('sends no Referer of its own, which could show a password [CVE 37]', async () => {
    const request = await crossed({user: `user:${secret}@`})
    expect(request?.header('referer')).toBeUndefined()
  })

  it('and back does not bring back what was left out [CVE 34]', async () => {
    await using target = await startOrigin()
    await using origin = await startOrigin()
    origin.on('/from', redirect(302, target.url('/there')))
    target.on('/there', redirect(302, origin.url('/back')))
    origin.on('/back', echo)
    entrust(secret, origin)
    await recordedSession().get(urlRequest(origin.url('/from'), {headers: secrets}))
    expect(origin.requestsOf('/back')).toHaveLength(1)
    expect(origin.requestsOf('/back')[0]?.rawHead).not.toContain(secret)
  })

  it('and further on the same one does not bring it back either [CVE 34]', async () => {
    await using target = await startOrigin()
    await using origin = await startOrigin()
    origin.on('/from', redirect(302, target.url('/there')))
    target.on('/there', redirect(302, '/further'))
    target.on('/further', echo)
    entrust(secret, origin)
    await recordedSession().get(urlRequest(origin.url('/from'), {headers: secrets}))
    expect(target.requestsOf('/further')[0]?.rawHead).not.toContain(secret)
  })
})

describe('a redirection on the same origin', () => {
  it('keeps the headers of the request: the same one is asked [wrong 11]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', redirect(302, '/to'))
    origin.on('/to', echo)
    entrust(secret, origin)
    const headers = [...secrets.slice(0, 3), ...harmless]
    await recordedSession().get(urlRequest(origin.url('/from'), {headers}))
    for (const [name, value] of headers) expect(origin.requestsOf('/to')[0]?.header(name)).toBe(value)
  })

  it('takes no user name and password that its location names [CVE 39]', async () => {
    await using origin = await startOrigin()
    origin.on('/from', redirect(302, origin.url('/to').replace('//', '//evil:user@')))
    origin.on('/to', echo)
    const {outcome} = await recordedSession().get(origin.url('/from'))
    expect(origin.requestsOf('/to')[0]?.header('authorization')).toBeUndefined()
    expect(outcome.response?.url.href).toBe(origin.url('/to'))
  })
})

describe('a redirection from https to http', () => {
  async function downgraded(changes: ConfigurationChanges): Promise<{
    request: OriginRequest | undefined
    code: string | undefined
  }> {
    await using plain = await startOrigin()
    plain.on('*', echo)
    await using secure = await startOrigin({tls: 'wrongName'})
    // Not an address of this machine: there a Secure cookie may travel without TLS.
    const host = 'elsewhere.invalid'
    const location = plain.url('/to', host)
    secure.on('/from', respond(302, {location, 'set-cookie': `s=${secret}; Secure`}))
    entrust(secret, secure)
    const resolve = Object.fromEntries([plain, secure].map(({port}) => [`${host}:${port}`, ['127.0.0.1']]))
    const recorded = recordedSession({...changes, network: {resolve}})
    const {outcome} = await recorded.get(urlRequest(secure.url('/from', host), {headers: secrets}))
    return {request: plain.requests[0], code: outcome.error?.code}
  }

  it('is refused, and nothing is asked [promise 6, CVE 33, fault 41]', async () => {
    expect(await downgraded({})).toEqual({request: undefined, code: 'REFUSED'})
  })

  it.each([false, true])(
    'where it is allowed takes no secret along, trusted or not (%s) [CVE 33]',
    async trusted => {
      const {request, code} = await downgraded({redirects: {allowDowngrade: true, trusted}})
      expect(code).toBeUndefined()
      expect(request).toBeDefined()
      for (const [name] of secrets) expect(request?.header(name)).toBeUndefined()
    }
  )

  it('is none in the other direction: http to https is followed', async () => {
    await using secure = await startOrigin({tls: 'good'})
    secure.on('/to', respond(200, {}, 'x'))
    await using plain = await startOrigin()
    plain.on('/from', redirect(302, secure.url('/to')))
    expect((await recordedSession().get(plain.url('/from'))).outcome.state).toBe('completed')
  })
})
