import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../src/engine/index.ts'
import {echo, redirect} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {recordedSession} from './recorded-session.ts'

/** An origin whose /set sets these cookies and whose other paths say what they were asked. */
async function cookieOrigin(lines: readonly string[]): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('*', echo)
  origin.on('/set', (_request, reply) =>
    reply.respond(
      200,
      lines.map(line => ['Set-Cookie', line] as const),
      'set'
    )
  )
  return origin
}

async function cookiesAfterSetting(
  lines: readonly string[],
  changes: ConfigurationChanges = {}
): Promise<string | undefined> {
  await using origin = await cookieOrigin(lines)
  const recorded = recordedSession(changes)
  await recorded.get(origin.url('/set'))
  await recorded.get(origin.url('/echo'))
  return origin.requestsOf('/echo')[0]?.header('cookie')
}

describe("a session's cookies", () => {
  it('are sent in later requests [3A 62, R1, R8]', async () => {
    expect(await cookiesAfterSetting(['fr=anjd&232; Path=/', 'de=1'])).toBe('fr=anjd&232; de=1')
  })

  it('are its own: another session of the same configuration knows none [3A 63, R8]', async () => {
    await using origin = await cookieOrigin(['a=1'])
    await recordedSession().get(origin.url('/set'))
    await recordedSession().get(origin.url('/echo'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('are not kept where the session accepts none, although the answer shows them [3A 59, P15]', async () => {
    await using origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession({cookies: {accept: 'never'}})
    const {outcome} = await recorded.get(origin.url('/set'))
    expect(outcome.response?.headers).toContainEqual(['set-cookie', 'a=1'])
    await recorded.get(origin.url('/echo'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('are not sent where the session says so [3A 64, P14]', async () => {
    expect(await cookiesAfterSetting(['a=1'], {cookies: {send: false}})).toBeUndefined()
  })

  it('that a redirection sets are sent to where it leads [3A 61]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', redirect(302, '/echo', {'set-cookie': 'redirect=true'}))
    origin.on('/echo', echo)
    await recordedSession().get(origin.url('/a'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe('redirect=true')
  })

  it('join those of the request [3C 93]', async () => {
    await using origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession()
    await recorded.get(origin.url('/set'))
    await recorded.get(urlRequest(origin.url('/echo'), {headers: [['Cookie', 'own=2']]}))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe('own=2; a=1')
  })

  it('are bound to their host [3A 60, CVE 32]', async () => {
    await using origin = await cookieOrigin(['a=1'])
    const recorded = recordedSession()
    await recorded.get(origin.url('/set', '127.0.0.1'))
    await recorded.get(origin.url('/echo', 'localhost'))
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it.each([
    ['a=1; Domain=swift.invalid', 'another domain [3A 60]'],
    ['__Host-a=1; Path=/', 'a prefix that asks for more'],
    ['a=1; Path=/elsewhere', 'another path'],
    ['a=1; Max-Age=0', 'an age that is over'],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT', 'a date that has passed'],
    [`a=${'x'.repeat(5000)}`, 'more than 4096 bytes [CVE 42]'],
    ['a=1; Domain=__proto__', 'a domain that is none [CVE 44]']
  ])('%s is not sent here', async line => {
    expect(await cookiesAfterSetting([line, 'other=2'])).toBe('other=2')
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it.each(['co.uk', 'co.UK', 'co.uk.', 'CO.uk'])(
    'of the public suffix %s are refused, whatever its spelling [CVE 41]',
    async suffix => {
      await using origin = await cookieOrigin([`a=1; Domain=${suffix}`])
      const {port} = origin
      const resolve = {[`foo.co.uk:${port}`]: ['127.0.0.1'], [`bar.co.uk:${port}`]: ['127.0.0.1']}
      const recorded = recordedSession({network: {resolve}})
      await recorded.get(`http://foo.co.uk:${port}/set`)
      await recorded.get(`http://bar.co.uk:${port}/echo`)
      expect(origin.requestsOf('/set')).toHaveLength(1)
      expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
    }
  )

  it('go to the hosts of their domain, not to one that only ends like it [3B 88]', async () => {
    await using origin = await cookieOrigin(['a=1; Domain=swift.org'])
    const {port} = origin
    const hosts = ['www.swift.org', 'bugs.swift.org', 'superswift.org']
    const resolve = Object.fromEntries(hosts.map(host => [`${host}:${port}`, ['127.0.0.1']]))
    const recorded = recordedSession({network: {resolve}})
    await recorded.get(`http://www.swift.org:${port}/set`)
    await recorded.get(`http://bugs.swift.org:${port}/bugs`)
    await recorded.get(`http://superswift.org:${port}/super`)
    expect(origin.requestsOf('/bugs')[0]?.header('cookie')).toBe('a=1')
    expect(origin.requestsOf('/super')[0]?.header('cookie')).toBeUndefined()
  })

  it('for https only are kept from http, but for this very machine [CVE 33]', async () => {
    await using origin = await cookieOrigin(['a=1; Secure'])
    const {port} = origin
    const recorded = recordedSession({network: {resolve: {[`plain.invalid:${port}`]: ['127.0.0.1']}}})
    await recorded.get(`http://plain.invalid:${port}/set`)
    await recorded.get(`http://plain.invalid:${port}/echo`)
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('are at most 50 of one answer, and never more than one header line of 8190 bytes [CVE 42]', async () => {
    const many = Array.from({length: 1000}, (_, index) => `c${index}=1`)
    const sent = await cookiesAfterSetting(many)
    expect(sent?.split('; ')).toHaveLength(50)
    const long = Array.from({length: 10}, (_, index) => `c${index}=${'x'.repeat(2000)}`)
    expect((await cookiesAfterSetting(long))?.length ?? 0).toBeLessThanOrEqual(8190)
  })
})
