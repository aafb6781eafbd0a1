import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {formatRange, formatRangeFrom, parseRangeArgument} from '../../../src/engine/fields/range.ts'

describe('formatRangeFrom', () => {
  it.each([
    [0, 'bytes=0-'],
    [1024, 'bytes=1024-'],
    [Number.MAX_SAFE_INTEGER, 'bytes=9007199254740991-']
  ])('asks for everything from %d on', (offset, value) => {
    expect(formatRangeFrom(offset)).toBe(value)
  })
})

describe('parseRangeArgument', () => {
  it.each([
    ['0-499', {kind: 'between', first: 0, last: 499}],
    ['7-7', {kind: 'between', first: 7, last: 7}],
    ['500-', {kind: 'from', first: 500}],
    ['-500', {kind: 'suffix', length: 500}]
  ])('reads %j', (text, range) => {
    expect(parseRangeArgument(text)).toEqual(range)
  })

  it.each([
    '',
    '-',
    '-0',
    '5',
    '499-0',
    '0-1,5-6',
    'bytes=0-1',
    ' 0-1',
    '0 - 1',
    '--5',
    '0x1-2',
    '1.5-2',
    '0-9007199254740993',
    '-9007199254740993'
  ])('refuses %j', text => {
    expect(parseRangeArgument(text)).toBeUndefined()
  })

  it('writes what it has read', () => {
    const positions = fc.option(fc.maxSafeNat(), {nil: ''})
    fc.assert(
      fc.property(positions, positions, (first, last) => {
        const text = `${first}-${last}`
        const range = parseRangeArgument(text)
        if (range) expect(formatRange(range)).toBe(`bytes=${text}`)
        else expect(first === '' ? Number(last) : last !== '' && last < first ? 0 : 1).toBe(0)
      })
    )
  })
})
