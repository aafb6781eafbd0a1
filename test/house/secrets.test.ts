import {readFileSync, readdirSync} from 'node:fs'
import {join, sep} from 'node:path'
import {describe, expect, it} from 'vitest'
import {root} from './sources.ts'

/** What a secret looks like that was written down instead of made: the canary would not know it. */
const literals: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a canary written by hand', /canary-[a-z]+-(?:[0-9][0-9a-z]*|[0-9a-f]{4,})\b/],
  [
    'a login of the command line',
    /'(?:-u|--user|--proxy-user)',\s*'(?!env:|@|keychain:)[^':]+:(?!env:)[^'x]{2,}'/
  ],
  ['a login in one word', /'(?:-u|--user=|--proxy-user=)(?!env:|@|keychain:)[^':,]+:[^'x]{2,}'/],
  ['a token of the command line', /'--oauth2-bearer',\s*'(?!env:|@|keychain:)[^']{3,}'/],
  ['a cookie of the command line', /'(?:-b|--cookie)',\s*'[a-z]+=(?!env:)[^';]{6,}/],
  [
    'a header of the command line',
    /'(?:-H|--header)',\s*'(?:Authorization|Cookie|X-Api-Key): (?!\w+ env:)[^'$]{10,}'/i
  ]
]

// These try words and what is made of them, and nothing is sent: names and their ends are what they are about.
const aboutWords =
  /^test\/(?:canary|profiles|ui|house|engine\/fields)\/|^test\/cli\/flags-|^test\/conformance\//

function literalIn(text: string): string | undefined {
  return literals.find(([, pattern]) => pattern.test(text))?.[0]
}

describe('Every secret of a test', () => {
  it('is made by canary(), so that it is noticed wherever it does not belong', () => {
    const files = readdirSync(join(root, 'test'), {recursive: true, encoding: 'utf8'})
      .filter(name => name.endsWith('.ts'))
      .map(name => `test/${name.split(sep).join('/')}`)
    const found = files
      .filter(path => !aboutWords.test(path))
      .flatMap(path => {
        const what = literalIn(readFileSync(join(root, path), 'utf8'))
        return what === undefined ? [] : [`${path}: ${what}`]
      })
    expect(found).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })

  it('is recognised where it is not: by its flag, or by its name', () => {
    const written = ['canary', 'basic', '7f3a'].join('-')
    expect(literalIn(`const secret = '${written}'`)).toBe('a canary written by hand')
    expect(literalIn("['get', '-u', 'ana:sesame', url]")).toBe('a login of the command line')
    expect(literalIn("['get', '--oauth2-bearer', 'sesame']")).toBe('a token of the command line')
    expect(literalIn("['-b', 'id=sesame']")).toBe('a cookie of the command line')
    expect(literalIn("['-H', 'Authorization: Bearer sesame']")).toBe('a header of the command line')
  })

  it('may be a reference, a canary, or a word that is none', () => {
    for (const fine of ["'-u', 'env:PAIR'", "'-u', `ana:${password}`", "'-u', 'ana'", "'-u', 'ana:x'"])
      expect(literalIn(fine)).toBeUndefined()
  })
})
