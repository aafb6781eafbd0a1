import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseContentRange, parseUnsatisfiedRange} from '../../../src/engine/fields/content-range.ts'

describe('parseContentRange', () => {
  it.each([
    ['bytes 0-0/1', {first: 0, last: 0, completeLength: 1}],
    ['bytes 200-999/1000', {first: 200, last: 999, completeLength: 1000}],
    ['bytes 200-999/*', {first: 200, last: 999, completeLength: undefined}],
    ['BYTES 0-4/5', {first: 0, last: 4, completeLength: 5}],
    [' bytes 0-4/5\t', {first: 0, last: 4, completeLength: 5}],
    [
      'bytes 0-9007199254740990/9007199254740991',
      {first: 0, last: 9007199254740990, completeLength: 9007199254740991}
    ]
  ])('reads %j', (value, range) => {
    expect(parseContentRange(value)).toEqual(range)
  })

  it.each([
    ['nothing', ''],
    ['another unit', 'items 0-4/5'],
    ['the syntax of a request', 'bytes=0-4/5'],
    ['an end before the beginning', 'bytes 5-4/10'],
    ['an end at the size', 'bytes 0-5/5'],
    ['a missing size', 'bytes 0-4'],
    ['a missing end', 'bytes 0-/5'],
    ['a sign', 'bytes -1-4/5'],
    ['an exponent', 'bytes 0-1e3/5000'],
    ['a size that a number cannot hold', 'bytes 0-4/9007199254740993'],
    ['an end that a number cannot hold', 'bytes 0-9007199254740993/*'],
    ['more than one range', 'bytes 0-4/5, bytes 5-6/7'],
    ['the form of a 416 reply', 'bytes */5']
  ])('refuses %s', (_, value) => {
    expect(parseContentRange(value)).toBeUndefined()
  })

  it('reads back every range that makes sense', () => {
    const sizes = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat())
    fc.assert(
      fc.property(sizes, numbers => {
        const [first = 0, last = 0, completeLength = 0] = numbers.toSorted((a, b) => a - b)
        const expected = last < completeLength ? {first, last, completeLength} : undefined
        expect(parseContentRange(`bytes ${first}-${last}/${completeLength}`)).toEqual(expected)
      })
    )
  })
})

describe('parseUnsatisfiedRange', () => {
  it.each([
    ['bytes */0', 0],
    ['bytes */1000', 1000],
    ['Bytes */1000 ', 1000],
    ['bytes */*', undefined],
    ['bytes 0-4/5', undefined],
    ['bytes */-1', undefined],
    ['bytes */9007199254740993', undefined],
    ['', undefined]
  ])('takes %j for %j', (value, completeLength) => {
    expect(parseUnsatisfiedRange(value)).toBe(completeLength)
  })
})
