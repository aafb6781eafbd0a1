import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {echo, redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'
import {cookieOrigin, cookiesAfterSetting, cookiesSent, namesOf} from './cookie-scene.ts'

describe("a session's cookies", () => {
  it('are sent in later requests [3A 62, R1]', async () => {
    expect(await cookiesAfterSetting(['fr=anjd&232; Path=/', 'de=1'])).toBe('fr=anjd&232; de=1')
  })

  it('are its own: another ephemeral session of the same configuration knows none [3A 63]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const first = recordedSession()
    await first.get(origin.url('/set'))
    expect(await cookiesSent(first, origin)).toBe('a=1')
    expect(await cookiesSent(recordedSession(), origin, '/other')).toBeUndefined()
  })

  it('are not kept where the session accepts none, although the answer shows them [3A 59]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession({cookies: {accept: 'never'}})
    const {outcome} = await recorded.get(origin.url('/set'))
    expect(outcome.response?.headers).toContainEqual(['set-cookie', 'a=1'])
    expect(await cookiesSent(recorded, origin)).toBeUndefined()
  })

  it('are not sent where the session says so [3A 64]', async () => {
    expect(await cookiesAfterSetting(['a=1'], {cookies: {send: false}})).toBeUndefined()
  })

  it('are neither kept nor sent where there is no jar [P16]', async () => {
    expect(await cookiesAfterSetting(['a=1'], {cookies: {jar: 'none'}})).toBeUndefined()
  })

  it('are not accepted from the one host that a rule says so of, and are from others', async () => {
    const rules = {hosts: {localhost: {cookies: {accept: 'never'}}}} as const
    expect(await cookiesAfterSetting(['a=1'], rules)).toBe('a=1')
    const origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession(rules)
    await recorded.get(origin.url('/set', 'localhost'))
    await recorded.get(origin.url('/echo', 'localhost'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('that a redirection sets are sent to where it leads [3A 61]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', redirect(302, '/echo', {'set-cookie': 'redirect=true'}))
    origin.on('/echo', echo)
    await recordedSession().get(origin.url('/a'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe('redirect=true')
  })

  it('join those of the request [3C 93]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession()
    await recorded.get(origin.url('/set'))
    await recorded.get(urlRequest(origin.url('/echo'), {headers: [['Cookie', 'own=2']]}))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe('own=2; a=1')
  })

  it('are bound to their host, behind a redirection too [CVE 32]', async () => {
    const origin = await cookieOrigin(['a=1'])
    origin.on('/away', redirect(302, origin.url('/echo', 'localhost')))
    const recorded = recordedSession()
    await recorded.get(origin.url('/set', '127.0.0.1'))
    await recorded.get(origin.url('/away', '127.0.0.1'))
    expect(origin.requestsOf('/away')[0]?.header('cookie')).toBe('a=1')
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('go to all ports of their host', async () => {
    const [one, other] = [await cookieOrigin(['a=1']), await cookieOrigin([])]
    const recorded = recordedSession()
    await recorded.get(one.url('/set'))
    expect(await cookiesSent(recorded, other)).toBe('a=1')
  })

  it('are known to an IPv6 address, too', async () => {
    await using origin = await startOrigin({host: '::1'})
    origin.on('/set', (_request, reply) => reply.respond(200, {'set-cookie': 'a=1; Secure'}))
    origin.on('/echo', echo)
    const recorded = recordedSession()
    await recorded.get(origin.url('/set'))
    expect(await cookiesSent(recorded, origin)).toBe('a=1')
  })

  it('for https only are kept from http, but for this very machine [CVE 33]', async () => {
    const origin = await cookieOrigin(['a=1; Secure'])
    const recorded = recordedSession(namesOf(origin, ['plain.invalid']))
    await recorded.get(`http://plain.invalid:${origin.port}/set`)
    await recorded.get(`http://plain.invalid:${origin.port}/echo`)
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
    expect(await cookiesAfterSetting(['a=1; Secure'])).toBe('a=1')
  })

  it('are at most 50 of one answer, 150 of one request, and one header line of 8190 bytes [CVE 42]', async () => {
    const many = (count: number, value: string, start = 0): string[] =>
      Array.from({length: count}, (_, index) => `c${start + index}=${value}`)
    expect((await cookiesAfterSetting(many(10_000, '1').slice(0, 1000)))?.split('; ')).toHaveLength(50)
    const long = await cookiesAfterSetting(many(10, 'x'.repeat(2000)))
    expect(long?.split('; ').map(each => each.slice(0, 2))).toEqual(['c0', 'c1', 'c2', 'c3'])
    const origin = await cookieOrigin([])
    for (let turn = 0; turn < 4; turn++) {
      origin.on(`/set${turn}`, (_request, reply) =>
        reply.respond(
          200,
          many(50, '1', turn * 50).map(line => ['Set-Cookie', line] as const)
        )
      )
    }
    const recorded = recordedSession()
    for (let turn = 0; turn < 4; turn++) await recorded.get(origin.url(`/set${turn}`))
    expect((await cookiesSent(recorded, origin))?.split('; ')).toHaveLength(150)
  })
})

describe('only the site of the address that was asked for may set cookies', () => {
  const hosts = ['www.swift.org', 'cdn.swift.org', 'other.example']

  it.each([
    ['mainDocument', 'cdn.swift.org', 'a=1'],
    ['mainDocument', 'other.example', undefined],
    ['always', 'other.example', 'a=1']
  ] as const)(
    'where the session accepts %s: a redirection to %s leaves %s [P15]',
    async (accept, host, sent) => {
      const origin = await cookieOrigin(['a=1'])
      const recorded = recordedSession({cookies: {accept}, ...namesOf(origin, hosts)})
      origin.on('/away', redirect(302, `http://${host}:${origin.port}/set`))
      await recorded.get(`http://www.swift.org:${origin.port}/away`)
      await recorded.get(`http://${host}:${origin.port}/echo`)
      expect(origin.requestsOf('/set')).toHaveLength(1)
      expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe(sent)
    }
  )
})
