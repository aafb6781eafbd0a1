import {describe, expect, it} from 'vitest'
import {acceptCookies, sparingSecure} from '../../../src/engine/storage/accept-cookies.ts'
import {recordedSession} from '../recorded-session.ts'
import {cookieOrigin, cookiesAfterSetting, namesOf} from './cookie-scene.ts'

describe('a cookie', () => {
  it.each([
    ['a=1; Domain=swift.invalid', 'another domain', '3A 60'],
    ['a=1; Path=/elsewhere', 'another path', '3B 88'],
    ['a=1; Path=/ech', 'a path that only begins like it', '3B 88'],
    ['a=1; Max-Age=0', 'an age that is over', '3B 88'],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT', 'a date that has passed', '3B 88'],
    [`a=${'x'.repeat(5000)}`, 'more than 4096 bytes', 'CVE 42'],
    ['a=1; Path=/\tx', 'a tab in its path', 'CVE 43'],
    ['a=1; Domain=__proto__', 'a domain that is none', 'CVE 44']
  ])('%j with %s is not sent here [%s]', async line => {
    expect(await cookiesAfterSetting([line, 'other=2'])).toBe('other=2')
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it.each([
    ['__Host-a=1; Path=/', 'a prefix that asks for more'],
    ['__Host-a=1; Path=/; Secure; Domain=localhost', 'a prefix that forbids its domain'],
    ['__Secure-a=1', 'a prefix without Secure'],
    ['justtext', 'no name']
  ])('%j with %s is not sent either', async line => {
    expect(await cookiesAfterSetting([line, 'other=2'])).toBe('other=2')
  })

  it.each(['a=1\x01', 'a\x7F=1', 'a=1\0; Path=/', 'a=1; Path=/\x1B[2J', 'a=1\r\nb=2'])(
    'with a control character is dropped: %j [CVE 42]',
    async line => {
      const url = new URL('https://h.example/')
      const headers = [line, 'other=2'].map(value => ['set-cookie', value] as const)
      const response = {url, status: 200, statusText: 'OK', headers, expectedContentLength: 0}
      const accepted = acceptCookies(await import('tough-cookie'), response, Date.now())
      expect(accepted.map(({name}) => name)).toEqual(['other'])
    }
  )

  it.each([
    ['a=1; Domain=', 'an empty domain'],
    ['a=1; Path=', 'an empty path'],
    ['a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:01 GMT', 'an age, which wins over its date'],
    ['a=1; Max-Age=99999999999999999999', 'an age beyond all dates'],
    ['a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT', 'a date in the next century'],
    ['a=1; SameSite=Strict; Priority=High; Partitioned', 'attributes for browsers'],
    ['__Host-a=1; Path=/; Secure', 'a prefix whose promise it keeps']
  ])('%j with %s is sent', async line => {
    expect(await cookiesAfterSetting([line])).toBe(line.split(';')[0])
  })

  it.each([['a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT'], ['a=; Max-Age=0']])(
    'that is there is taken away by one that is over: %j [3B 88]',
    async line => {
      expect(await cookiesAfterSetting(['a=1', 'b=2', line])).toBe('b=2')
    }
  )

  it('replaces the one of the same name, domain and path, and keeps its turn [3B 88]', async () => {
    expect(await cookiesAfterSetting(['a=1; Path=/', 'b=2; Path=/', 'a=3; Path=/'])).toBe('a=3; b=2')
  })

  it('with a longer path is sent first; with an equal one, the older [3B 88]', async () => {
    const lines = ['root=1; Path=/', 'deep=2; Path=/echo', 'later=3; Path=/echo']
    expect(await cookiesAfterSetting(lines)).toBe('deep=2; later=3; root=1')
  })

  it('in a folded line is one or none, and starts no other [CVE 43]', async () => {
    const sent = (await cookiesAfterSetting(['a=1;\r\n b=2'])) ?? ''
    expect(['', 'a=1']).toContain(sent)
  })
})

it('a Secure cookie is not replaced over plain http; another one is [CVE 33]', async () => {
  const url = new URL('http://h.example/')
  const headers = ['safe=new', 'plain=new'].map(value => ['set-cookie', value] as const)
  const response = {url, status: 200, statusText: 'OK', headers, expectedContentLength: 0}
  const accepted = acceptCookies(await import('tough-cookie'), response, Date.now())
  const held = accepted.map(cookie => ({...cookie, value: 'old', secure: cookie.name === 'safe'}))
  expect(sparingSecure(accepted, held, url).map(({name}) => name)).toEqual(['plain'])
  expect(sparingSecure(accepted, held, new URL('https://h.example/'))).toEqual(accepted)
})

describe('a domain', () => {
  it.each(['co.uk', 'co.UK', 'co.uk.', 'CO.uk', '.co.uk', 'uk', 'github.io'])(
    'that is the public suffix %s gets no cookie, whatever its spelling [CVE 41]',
    async suffix => {
      const base = suffix === 'github.io' ? suffix : 'co.uk'
      const origin = await cookieOrigin([`a=1; Domain=${suffix}`])
      const {port} = origin
      const hosts = [`foo.${base}`, `foo.${base}.`, `bar.${base}`]
      const recorded = recordedSession(namesOf(origin, hosts))
      await recorded.get(`http://foo.${base}:${port}/set`)
      await recorded.get(`http://foo.${base}.:${port}/set`)
      for (const host of hosts) await recorded.get(`http://${host}:${port}/echo`)
      expect(origin.requestsOf('/set')).toHaveLength(2)
      expect(origin.requestsOf('/echo').map(request => request.header('cookie'))).toEqual(
        hosts.map(() => undefined)
      )
    }
  )

  const everybody = [
    'swift.org',
    'www.swift.org',
    'bugs.swift.org',
    'a.b.swift.org',
    'superswift.org',
    'org',
    'host'
  ]

  it.each([
    ['www.swift.org', 'Domain=.SWIFT.org', ['swift.org', 'www.swift.org', 'bugs.swift.org', 'a.b.swift.org']],
    ['bugs.swift.org', 'Domain=bugs.swift.org', ['bugs.swift.org']],
    ['swift.org', 'Path=/', ['swift.org']],
    ['www.swift.org.', 'Path=/', ['www.swift.org']],
    ['host', 'Domain=host', ['host']]
  ])(
    'that %s sets with %s is for %j, and for nobody who only ends like it [3B 88]',
    async (host, says, meant) => {
      const origin = await cookieOrigin([`a=1; ${says}`])
      const recorded = recordedSession(namesOf(origin, [host, ...everybody]))
      await recorded.get(`http://${host}:${origin.port}/set`)
      for (const each of everybody) await recorded.get(`http://${each}:${origin.port}/echo`)
      const receivers = origin.requestsOf('/echo').filter(request => request.header('cookie') === 'a=1')
      expect(receivers.map(request => request.header('host')?.split(':')[0])).toEqual(meant)
    }
  )
})

describe('an expiry', () => {
  it.each([
    ['slow by a year', 365 * 24 * 3600_000, 'a=1'],
    ['fast by a year', -365 * 24 * 3600_000, 'a=1']
  ])(
    'is meant by the clock of the server, though this machine is %s [fault 67]',
    async (_how, ahead, sent) => {
      const now = Date.now() + ahead
      const origin = await cookieOrigin(
        [
          `a=1; Expires=${new Date(now + 3600_000).toUTCString()}`,
          `b=2; Expires=${new Date(now - 1000).toUTCString()}`
        ],
        [['Date', new Date(now).toUTCString()]]
      )
      const recorded = recordedSession()
      await recorded.get(origin.url('/set'))
      await recorded.get(origin.url('/echo'))
      expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe(sent)
    }
  )
})
