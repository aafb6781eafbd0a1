import fc from 'fast-check'
import {expect, it} from 'vitest'
import {displayWidth, truncateEnd, truncateMiddle} from '../../src/ui/fit.ts'

it.each([
  ['plain.txt', 9],
  ['naïve', 5],
  ['e\u0301', 1],
  ['日本語', 6],
  ['한글.txt', 8],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['\u200B', 0],
  ['█░', 2]
])('counts the columns of %s as %d', (text, columns) => {
  expect(displayWidth(text)).toBe(columns)
})

it.each([
  ['a-long-name.tar.gz', 18, 'a-long-name.tar.gz'],
  ['a-long-name.tar.gz', 11, 'a-lon…ar.gz'],
  ['a-long-name.tar.gz', 1, '…'],
  ['a-long-name.tar.gz', 0, ''],
  ['日本語日本語', 7, '日…本語']
])('takes from the middle of %s for %d columns', (text, columns, short) => {
  expect(displayWidth(truncateMiddle(text, columns))).toBeLessThanOrEqual(columns)
  if (!text.startsWith('日')) expect(truncateMiddle(text, columns)).toBe(short)
})

it('never takes more columns than it is given, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({unit: 'grapheme'}), fc.nat(40), (text, columns) => {
      expect(displayWidth(truncateMiddle(text, columns))).toBeLessThanOrEqual(columns)
      expect(displayWidth(truncateEnd(text, columns))).toBeLessThanOrEqual(columns)
    })
  )
})
