import {describe, expect, it} from 'vitest'
import {findNetrcEntry, parseNetrc} from '../../../src/engine/fields/netrc.ts'

function found(text: string, host: string, user?: string): string | undefined {
  const entry = findNetrcEntry(parseNetrc(text), {host, user, default: 'usable'})
  return entry && `${entry.login}:${entry.password}`
}

describe('a netrc file', () => {
  it.each<readonly [string, string]>([
    ['on one line', 'machine a.test login ana password pw'],
    ['on several lines', 'machine a.test\n  login ana\n  password pw\n'],
    ['with the line ends of Windows', 'machine a.test\r\nlogin ana\r\npassword pw\r\n'],
    ['with the password first', 'machine a.test password pw login ana'],
    ['with an account, which means nothing here', 'machine a.test login ana account x password pw'],
    ['in quotes', 'machine "a.test" login "ana" password "pw"'],
    ['with keywords in capitals', 'MACHINE a.test LOGIN ana PASSWORD pw'],
    ['with the host in capitals', 'machine A.Test login ana password pw'],
    ['behind a comment', '# machine a.test login eve password no\nmachine a.test login ana password pw'],
    ['before a comment', 'machine a.test login ana password pw # password no'],
    [
      'behind a macro',
      'macdef init\nmachine a.test login eve password no\n\nmachine a.test login ana password pw'
    ],
    ['behind another machine', 'machine b.test login eve password no machine a.test login ana password pw'],
    ['for all machines', 'machine b.test login eve password no\ndefault login ana password pw']
  ])('is understood %s', (_how, text) => {
    expect(found(text, 'a.test')).toBe('ana:pw')
  })

  it.each<readonly [string, string, string]>([
    ['# inside a word', 'p#w', 'p#w'],
    ['blanks and # in quotes', '"p #w"', 'p #w'],
    ['escapes in quotes', String.raw`"p\"\\\t\nw"`, 'p"\\\t\nw'],
    ['a backslash without quotes', String.raw`p\w`, String.raw`p\w`],
    ['a keyword', 'machine', 'machine'],
    ['the word macdef', 'macdef', 'macdef'],
    ['quotes that nobody closes', '"pw', 'pw']
  ])('has passwords with %s', (_what, written, password) => {
    expect(found(`machine a.test login ana password ${written}`, 'a.test')).toBe(`ana:${password}`)
  })

  it('answers the first entry that fits, in the order of the file', () => {
    const text =
      'machine a.test login ana password 1\nmachine a.test login bob password 2\ndefault login eve password 3'
    expect(found(text, 'a.test')).toBe('ana:1')
    expect(found(text, 'a.test', 'bob')).toBe('bob:2')
    expect(found(text, 'b.test')).toBe('eve:3')
  })

  it('never fills in the password of another entry [CVE 24]', () => {
    expect(found('machine a.test login ana\nmachine b.test login bob password no', 'a.test')).toBeUndefined()
    expect(found('machine a.test login ana password no\ndefault', 'b.test')).toBeUndefined()
    expect(found('machine a.test login ana password no\ndefault login bob', 'b.test')).toBeUndefined()
    expect(found('machine a.test password no\ndefault login bob password pw', 'a.test')).toBeUndefined()
  })

  it('has no password of another user [CVE 25]', () => {
    expect(found('machine a.test login bob password no', 'a.test', 'ana')).toBeUndefined()
    expect(found('machine a.test password no', 'a.test', 'ana')).toBeUndefined()
  })

  it('is for whole names: neither subdomains nor parts', () => {
    const text = 'machine a.test login ana password no'
    for (const host of ['x.a.test', 'a.test.evil', 'test', 'xa.test', ''])
      expect(found(text, host)).toBeUndefined()
    expect(found('machine [::1] login ana password pw', '[::1]')).toBe('ana:pw')
    expect(found('machine ::1 login ana password pw', '[::1]')).toBe('ana:pw')
  })

  it('shows its entry for all machines only where that may be used', () => {
    const entries = parseNetrc('default login ana password pw')
    expect(findNetrcEntry(entries, {host: 'a.test', default: 'unusable'})).toBeUndefined()
  })

  it.each(['', '#', 'machine', 'login', 'password x', 'machine a.test login', 'macdef', '"', 'x y z'])(
    'that makes no sense is empty: %j',
    text => {
      expect(found(text, 'a.test')).toBeUndefined()
    }
  )

  it.each(['machine ', '"', '\\', '#', 'a"b ', 'macdef x\n', 'machine a login b password c\n'])(
    'takes no more time than its length is worth: %j',
    piece => {
      const started = performance.now()
      parseNetrc(piece.repeat(Math.ceil((1 << 20) / piece.length)))
      // Square time would be minutes.
      expect(performance.now() - started).toBeLessThan(3000)
    }
  )
})
