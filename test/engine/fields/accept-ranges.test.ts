import {expect, it} from 'vitest'
import {parseAcceptRanges} from '../../../src/engine/fields/accept-ranges.ts'

it.each([
  ['bytes', 'bytes'],
  ['Bytes ', 'bytes'],
  ['none', 'none'],
  ['items, bytes', 'bytes'],
  ['bytes, bytes', 'bytes'],
  ['items', undefined],
  ['none, bytes', undefined],
  ['', undefined],
  ['bytes=0-', undefined]
])('parseAcceptRanges takes %j for %j', (value, unit) => {
  expect(parseAcceptRanges(value)).toBe(unit)
})
