import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseBoolean, parseDictionary, parseInteger} from '../../../src/engine/fields/structured-field.ts'

describe('an integer of a structured field', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['42', 42],
    ['-42', -42],
    ['  42  ', 42],
    ['0042', 42],
    ['999999999999999', 999_999_999_999_999],
    ['42;a;b=2;c="x;y"', 42],
    ['42; a=?0', 42]
  ])('is read from %j', (value, integer) => {
    expect(parseInteger(value)).toBe(integer)
  })

  it.each([
    '',
    ' ',
    '1.0',
    '1e3',
    '+1',
    '--1',
    '1000000000000000',
    '1, 2',
    '"1"',
    '?1',
    '1;',
    '1;A',
    '1 2',
    '\t1',
    '0x1'
  ])('is not read from %j', value => {
    expect(parseInteger(value)).toBeUndefined()
  })
})

describe('a boolean of a structured field', () => {
  it.each([
    ['?1', true],
    ['?0', false],
    [' ?1 ', true],
    ['?0;because=full', false]
  ])('is read from %j', (value, boolean) => {
    expect(parseBoolean(value)).toBe(boolean)
  })

  it.each(['', '1', '?2', '?', 'true', '?1?1', '?1, ?1', '"?1"', '? 1'])('is not read from %j', value => {
    expect(parseBoolean(value)).toBeUndefined()
  })
})

describe('a dictionary of a structured field', () => {
  it.each([
    ['', {}],
    ['  ', {}],
    ['a=1', {a: 1}],
    ['a=1,b=2 , \tc=3', {a: 1, b: 2, c: 3}],
    ['a, b;x=1, c', {a: true, b: true, c: true}],
    ['a=?0', {a: false}],
    ['a=1;x="y, z=9", b=2', {a: 1, b: 2}],
    ['a=(1 "two" three;x);y, b=2', {a: 'other', b: 2}],
    ['a=(), b=(  ), c=( 1  2 )', {a: 'other', b: 'other', c: 'other'}],
    [
      's="a\\"b\\\\", t=tok/en:x, y=:aGk=:, d=1.5, w=@17, x=%"%c3%bc"',
      {s: 'other', t: 'other', y: 'other', d: 'other', w: 'other', x: 'other'}
    ],
    ['a=1, a=2', {a: 2}],
    [' a=1 \t', {a: 1}],
    ['*a-b_c.d=5', {'*a-b_c.d': 5}]
  ])('is read from %j', (value, members) => {
    const read = [...(parseDictionary(value) ?? [['nothing', {kind: 'other'} as const]])]
    const plain = read.map(([key, item]) => [key, item.kind === 'other' ? 'other' : item.value])
    expect(Object.fromEntries(plain)).toEqual(members)
  })

  it.each([
    'a=',
    'a=1,',
    ',a=1',
    'a=1,,b=2',
    'a=1 b=2',
    'A=1',
    '1=a',
    'a =1',
    'a= 1',
    'a=1;',
    'a="x',
    'a="é"',
    'a=(1',
    'a=(1,2)',
    'a=1.2345',
    'a=1000000000000000',
    'a=:b$:',
    'a=?2',
    'a=%"%C3"',
    'a=1\u00a0',
    'a\ta'
  ])('is not read from %j', value => {
    expect(parseDictionary(value)).toBeUndefined()
  })

  it('is read back, whatever its integers and keys', () => {
    const keys = fc.stringMatching(/^[a-z*][a-z0-9_\-.*]{0,9}$/)
    const integers = fc.integer({min: -999_999_999_999_999, max: 999_999_999_999_999})
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, integers)), entries => {
        const value = entries.map(([key, integer]) => `${key}=${integer}`).join(', ')
        const read = [...(parseDictionary(value) ?? [])].map(([key, item]) => [
          key,
          item.kind === 'integer' && item.value
        ])
        expect(new Map(read as [string, number][])).toEqual(new Map(entries))
      })
    )
  })
})
