import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {fileNameFromContentDisposition, fileNameFromUrl} from '../../../src/engine/download/file-name.ts'

const origin = 'http://127.0.0.1'
const asReceived = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

describe('fileNameFromUrl', () => {
  it.each([
    ['/a/b/file.txt', 'file.txt'],
    ['/file.txt?x=/y#/z', 'file.txt'],
    ['/my%20file.txt', 'my file.txt'],
    ['/%E6%96%87.zip', '文.zip'],
    ['/文.zip', '文.zip'],
    ['/a+b.txt', 'a+b.txt'],
    ['/%FF%FE.bin', '%FF%FE.bin'],
    ['/100%.txt', '100%.txt'],
    ['/%252e%252e%252fx', '%2e%2e%2fx'],
    ['/a%2f..%2f..%2fetc%2fx', 'x'],
    ['/a%5c..%5cx', 'x'],
    ['/%2e%2e/x', 'x']
  ])('reads %j as %j', (path, name) => {
    expect(fileNameFromUrl(new URL(path, origin))).toBe(name)
  })

  it.each(['', '/', '/a/', '/a%2f', '/a/..', '/%2e%2e', '?file.txt', '#@evil.txt'])(
    'finds no name in %j',
    path => {
      expect(fileNameFromUrl(new URL(`${origin}${path}`))).toBeUndefined()
    }
  )
})

describe('fileNameFromContentDisposition', () => {
  it.each([
    ['a quoted name', 'attachment; filename="a b.txt"', 'a b.txt'],
    ['a bare name', 'attachment; filename=a.txt', 'a.txt'],
    ['a bare name with blanks', 'attachment; filename=a b.txt', 'a b.txt'],
    ['a name shown inline', 'inline; filename="a.txt"', 'a.txt'],
    ['capitals', 'ATTACHMENT; FILENAME="a.txt"', 'a.txt'],
    ['a semicolon at the end', 'attachment; filename="a.txt";', 'a.txt'],
    ['a semicolon in the name', 'attachment; filename="a;b.txt"', 'a;b.txt'],
    ['no type', 'filename="a.txt"', 'a.txt'],
    ['an extended name', "attachment; filename*=UTF-8''%e6%96%87.txt", '文.txt'],
    ['an extended name in Latin-1', "attachment; filename*=iso-8859-1''caf%E9.txt", 'café.txt'],
    ['an extended name in quotes', 'attachment; filename*="UTF-8\'\'%e6%96%87.txt"', '文.txt'],
    ['both names, extended first', "attachment; filename*=UTF-8''b.txt; filename=a.txt", 'b.txt'],
    ['both names, extended last', "attachment; filename=a.txt; filename*=UTF-8''b.txt", 'b.txt'],
    [
      'the plain name if the extended one is no UTF-8',
      "attachment; filename=a.txt; filename*=UTF-8''%ff.txt",
      'a.txt'
    ],
    ['raw UTF-8, which arrives as Latin-1', `attachment; filename="${asReceived('é文.txt')}"`, 'é文.txt'],
    ['raw Latin-1, which is no UTF-8', 'attachment; filename="caf\u00e9.txt"', 'café.txt'],
    ['text that has been decoded before', 'attachment; filename="中é.txt"', '中é.txt'],
    [
      'text that has been decoded before and looks like ASCII in its low bytes',
      'attachment; filename=中.txt',
      '中.txt'
    ],
    ['percent escapes in a plain name as they are', 'attachment; filename="a%2fb"', 'a%2fb'],
    ['the first of two equal names', 'attachment; filename=a; filename=b', 'a']
  ])('reads %s', (_, value, name) => {
    expect(fileNameFromContentDisposition(value)).toBe(name)
  })

  it.each([
    '',
    'attachment',
    'attachment;',
    'attachment; filename',
    'attachment; filename=',
    'attachment; filename=""',
    'attachment; filename="open',
    'attachment; name="a"',
    "attachment; filename*=UTF-8''%ff"
  ])('finds no name in %j', value => {
    expect(fileNameFromContentDisposition(value)).toBeUndefined()
  })

  it('never throws', () => {
    const scraps = [
      'attachment',
      'filename',
      'filename*',
      '=',
      ';',
      '"',
      '\\',
      "UTF-8''",
      '%',
      '%ff',
      '\u00c3\u00a9'
    ]
    const values = fc
      .array(fc.oneof(fc.constantFrom(...scraps), fc.string({unit: 'binary'})))
      .map(pieces => pieces.join(''))
    fc.assert(
      fc.property(values, value => {
        fileNameFromContentDisposition(value)
      })
    )
  })
})
