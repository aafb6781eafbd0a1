import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {formatCookieFile, parseCookieFile} from '../../../src/engine/fields/cookie-file.ts'
import type {FileCookie} from '../../../src/engine/fields/cookie-file.ts'

const plain: FileCookie = {
  domain: 'h.example',
  hostOnly: true,
  path: '/',
  secure: false,
  httpOnly: false,
  expires: undefined,
  name: 'a',
  value: '1'
}

const line = (...fields: string[]): string => fields.join('\t')

describe('A line of a cookie file', () => {
  it.each([
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1'), {}],
    [line('.h.example', 'TRUE', '/', 'FALSE', '0', 'a', '1'), {hostOnly: false}],
    [line('H.Example', 'false', '/', 'False', '0', 'a', '1'), {}],
    [line('h.example', 'FALSE', '/p', 'TRUE', '0', 'a', '1'), {path: '/p', secure: true}],
    [line('#HttpOnly_h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1'), {httpOnly: true}],
    [line('h.example', 'FALSE', '/', 'FALSE', '4102444800', 'a', '1'), {expires: Date.UTC(2100, 0, 1)}],
    [line('h.example', 'FALSE', '/', 'FALSE', '1700000000.5', 'a', '1'), {expires: 1_700_000_000_500}],
    [line('h.example', 'FALSE', '/', 'FALSE', '-1', 'a', '1'), {expires: -1000}],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', ''), {value: ''}],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a'), {value: ''}],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', 'x=\xE4"y, z'), {value: 'x=\xE4"y, z'}],
    [line('[::1]', 'FALSE', '/', 'FALSE', '0', 'a', '1'), {domain: '::1'}],
    [line('h.example.', 'FALSE', '/', 'FALSE', '0', 'a', '1'), {}],
    [line('h.example', 'FALSE', 'relative', 'FALSE', '0', 'a', '1'), {}],
    [line('h.example', 'FALSE', '/', 'TRUE', '0', '__Host-a', '1'), {name: '__Host-a', secure: true}]
  ])('is read: %j', (text, facts) => {
    expect(parseCookieFile(text)).toEqual({cookies: [{...plain, ...facts}], setCookies: [], skipped: 0})
  })

  it.each([
    ['not a cookie at all'],
    [line('h.example', 'FALSE', '/', 'FALSE', '0')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1', 'more')],
    [line('h.example', 'MAYBE', '/', 'FALSE', '0', 'a', '1')],
    [line('h.example', 'FALSE', '/', 'FALSE', 'soon', 'a', '1')],
    [line('', 'FALSE', '/', 'FALSE', '0', 'a', '1')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', '', '1')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1; b=2')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1\x012')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1\r2')],
    [line('h.example/x', 'FALSE', '/', 'FALSE', '0', 'a', '1')],
    [line('.h.example', 'TRUE', '/', 'TRUE', '0', '__Host-a', '1')],
    [line('h.example', 'FALSE', '/', 'FALSE', '0', '__Secure-a', '1')]
  ])('that is broken is skipped and counted, and hurts no other: %j', broken => {
    const good = line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1')
    const file = parseCookieFile(`${good}\r\n${broken}\r\n${good}`)
    expect(file).toEqual({cookies: [plain, plain], setCookies: [], skipped: 1})
  })

  it.each(['', '   ', '# Netscape HTTP Cookie File', '#comment', '# h.example\tFALSE\t/\tFALSE\t0\ta\t1'])(
    'that is blank or a comment is none: %j',
    text => {
      expect(parseCookieFile(text)).toEqual({cookies: [], setCookies: [], skipped: 0})
    }
  )
})

describe('The head of an answer in a file', () => {
  it('gives its Set-Cookie lines, and its other lines are no mistakes', () => {
    const text = 'HTTP/1.1 200 OK\r\nDate: x\r\nSet-Cookie: a=1; Domain=h.example\r\nset-cookie:b=2\r\n\r\n'
    expect(parseCookieFile(text)).toEqual({
      cookies: [],
      setCookies: ['a=1; Domain=h.example', 'b=2'],
      skipped: 0
    })
  })
})

describe('A cookie file that is written', () => {
  it('begins as curl, wget and Python expect it, and marks domains and HttpOnly as they do', () => {
    const text = formatCookieFile([
      plain,
      {...plain, hostOnly: false, httpOnly: true, secure: true, expires: 4_102_444_800_000}
    ])
    const [first, ...rest] = text.split('\n')
    expect(first).toBe('# Netscape HTTP Cookie File')
    expect(rest).toContain(line('h.example', 'FALSE', '/', 'FALSE', '0', 'a', '1'))
    expect(rest).toContain(line('#HttpOnly_.h.example', 'TRUE', '/', 'TRUE', '4102444800', 'a', '1'))
  })

  it('leaves out what would begin a line of its own [CVE 43]', () => {
    const text = formatCookieFile([{...plain, value: '1\nevil.example\tTRUE\t/\tFALSE\t0\tb\t2'}, plain])
    expect(parseCookieFile(text).cookies).toEqual([plain])
  })

  it('is read as it was written', () => {
    const text = fc
      .string({unit: 'binary-ascii', maxLength: 20})
      .map(each => each.replace(/[\x00-\x1F\x7F;]/g, ''))
    const cookie = fc.record({
      domain: fc.constantFrom('h.example', 'a.h.example', '::1', '127.0.0.1'),
      hostOnly: fc.boolean(),
      path: text.map(each => `/${each}`),
      secure: fc.boolean(),
      httpOnly: fc.boolean(),
      expires: fc.option(
        fc.integer({min: 1, max: 253_402_300_799}).map(each => each * 1000),
        {nil: undefined}
      ),
      name: text.map(each => `n${each}`),
      value: text
    })
    fc.assert(
      fc.property(fc.array(cookie), cookies => {
        expect(parseCookieFile(formatCookieFile(cookies))).toEqual({cookies, setCookies: [], skipped: 0})
      })
    )
  })

  it('takes anything without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        const {cookies} = parseCookieFile(Buffer.from(bytes).toString('latin1'))
        expect(parseCookieFile(formatCookieFile(cookies)).skipped).toBe(0)
      })
    )
  })
})
