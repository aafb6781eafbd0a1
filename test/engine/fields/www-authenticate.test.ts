import {describe, expect, it} from 'vitest'
import {parseChallenges} from '../../../src/engine/fields/www-authenticate.ts'

interface Plain {
  readonly scheme: string
  readonly token68?: string
  readonly parameters?: Readonly<Record<string, string>>
}

function plain(...values: readonly string[]): readonly Plain[] {
  return parseChallenges(values).map(({scheme, token68, parameters}) => ({
    scheme,
    ...(token68 === undefined ? {} : {token68}),
    ...(parameters.size === 0 ? {} : {parameters: Object.fromEntries(parameters)})
  }))
}

const basic = (realm: string): Plain => ({scheme: 'Basic', parameters: {realm}})

describe('challenges are read as RFC 9110 writes them [3B 90]', () => {
  it.each<readonly [string, string, readonly Plain[]]>([
    ['one with a realm', 'Basic realm="a"', [basic('a')]],
    ['escaped quotes and a comma in the realm', 'Basic realm="a, \\"b\\""', [basic('a, "b"')]],
    [
      'a bare scheme before another',
      'Negotiate, Basic realm="a, \\"b\\""',
      [{scheme: 'Negotiate'}, basic('a, "b"')]
    ],
    ['a bare scheme behind another', 'Basic realm="a", NTLM', [basic('a'), {scheme: 'NTLM'}]],
    ['a token', 'Negotiate YII+/a==', [{scheme: 'Negotiate', token68: 'YII+/a=='}]],
    [
      'several of one scheme',
      'Digest realm="a", nonce="1", algorithm=SHA-256, Digest realm="a", nonce="2", algorithm=MD5, Basic realm="a"',
      [
        {scheme: 'Digest', parameters: {realm: 'a', nonce: '1', algorithm: 'SHA-256'}},
        {scheme: 'Digest', parameters: {realm: 'a', nonce: '2', algorithm: 'MD5'}},
        basic('a')
      ]
    ],
    ['blanks round the equals sign', 'Basic realm = "a"', [basic('a')]],
    ['names of parameters in any case', 'basic REALM="a"', [{scheme: 'basic', parameters: {realm: 'a'}}]],
    ['an unquoted value', 'Basic realm=a', [basic('a')]],
    ['empty elements of the list', ', ,Basic realm="a",, ,NTLM,', [basic('a'), {scheme: 'NTLM'}]],
    ['an empty value', 'Basic realm=""', [basic('')]],
    ['a scheme after no more than a blank', 'Negotiate Basic realm="a"', [{scheme: 'Negotiate'}, basic('a')]]
  ])('%s', (_what, value, expected) => {
    expect(plain(value)).toEqual(expected)
  })

  it('from several lines, in their order', () => {
    expect(plain('Negotiate', 'Basic realm="a"')).toEqual([{scheme: 'Negotiate'}, basic('a')])
  })

  it('and of a parameter that comes twice, the first counts', () => {
    expect(plain('Basic realm="a", realm="b"')).toEqual([basic('a')])
  })
})

describe('challenges that are none', () => {
  it.each<readonly [string, string, readonly Plain[]]>([
    ['nothing', '', []],
    ['commas', ', , ,', []],
    ['a parameter without a scheme', 'realm="a"', []],
    ['a string that nobody closes', 'Basic realm="a', [basic('a')]],
    ['a string that ends with an escape', 'Basic realm="a\\', [basic('a')]],
    ['junk before one', '"x, y" @@, Basic realm="a"', [basic('a')]],
    [
      'junk in one',
      'Basic realm="a", @@, charset="UTF-8"',
      [{scheme: 'Basic', parameters: {realm: 'a', charset: 'UTF-8'}}]
    ],
    ['a line end in a value, kept as untrusted text', 'Basic realm="a\nb"', [basic('a\nb')]]
  ])('are left out: %s', (_what, value, expected) => {
    expect(plain(value)).toEqual(expected)
  })

  it('cannot make themselves many', () => {
    expect(parseChallenges(['a, '.repeat(1000)]).length).toBeLessThan(50)
    const crowd = Array.from({length: 1000}, (_, index) => `p${index}=1`).join(', ')
    expect(parseChallenges([`Basic ${crowd}`])[0]?.parameters.size).toBeLessThan(100)
  })

  it.each(['a', '"', '\\', '=', ',', ' ', 'a ', 'a=', '"\\', 'a="', 'Basic a=b,', '/a', 'a b/', '@'])(
    'take no more time than their length is worth: %j',
    piece => {
      const flood = piece.repeat(Math.ceil((1 << 20) / piece.length))
      for (const text of [flood, `Basic ${flood}`, `Basic realm="${flood}`]) {
        const started = performance.now()
        parseChallenges([text])
        // Square time would be minutes.
        expect(performance.now() - started).toBeLessThan(2000)
      }
    }
  )
})
