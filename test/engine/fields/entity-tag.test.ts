import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {isStrong, parseEntityTag, sameEntityTag} from '../../../src/engine/fields/entity-tag.ts'

describe('parseEntityTag', () => {
  it.each([
    ['"v1"', {opaque: 'v1', weak: false}],
    ['W/"v1"', {opaque: 'v1', weak: true}],
    ['""', {opaque: '', weak: false}],
    [' "v1" ', {opaque: 'v1', weak: false}],
    ['"W/v1"', {opaque: 'W/v1', weak: false}],
    ['"\\"', {opaque: '\\', weak: false}],
    ['"\u00e9"', {opaque: '\u00e9', weak: false}]
  ])('reads %j', (value, tag) => {
    expect(parseEntityTag(value)).toEqual(tag)
  })

  it.each([
    '',
    'v1',
    '"v1',
    'v1"',
    "'v1'",
    'w/"v1"',
    'W/ "v1"',
    '"a"b"',
    '"a b"',
    '"a\r\nX: y"',
    '"a\u0000"',
    '"\u20ac"',
    '"a", "b"',
    '*'
  ])('refuses %j', value => {
    expect(parseEntityTag(value)).toBeUndefined()
  })
})

describe('isStrong', () => {
  it.each([
    ['"v1"', true],
    ['W/"v1"', false],
    ['v1', false]
  ])('says of %j: %j', (value, strong) => {
    expect(isStrong(value)).toBe(strong)
  })
})

// The table of RFC 9110, 8.8.3.2.
describe('sameEntityTag', () => {
  it.each([
    ['W/"1"', 'W/"1"', false],
    ['W/"1"', 'W/"2"', false],
    ['W/"1"', '"1"', false],
    ['"1"', '"1"', true],
    ['"1"', '"2"', false],
    ['1', '1', false]
  ])('compares %j with %j: %j', (a, b, same) => {
    expect(sameEntityTag(a, b)).toBe(same)
  })

  it('finds a strong tag equal to itself and to nothing else', () => {
    const opaque = fc.stringMatching(/^[\x21\x23-\x7e\x80-\xff]*$/)
    fc.assert(
      fc.property(opaque, opaque, (a, b) => {
        expect(parseEntityTag(`"${a}"`)).toEqual({opaque: a, weak: false})
        expect(sameEntityTag(`"${a}"`, `"${b}"`)).toBe(a === b)
      })
    )
  })
})
