import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseContentLength} from '../../../src/engine/fields/content-length.ts'

describe('parseContentLength', () => {
  it.each([
    ['one length', ['1000'], 1000],
    ['zero', ['0'], 0],
    ['blanks around it', [' 5\t'], 5],
    ['the same length on two lines', ['5', '5'], 5],
    ['the same length twice on one line', ['5, 5'], 5],
    ['the largest size a number holds', ['9007199254740991'], 9007199254740991]
  ])('reads %s', (_, values, length) => {
    expect(parseContentLength(values)).toBe(length)
  })

  it.each([
    ['no line at all', []],
    ['two lengths', ['5', '6']],
    ['two lengths on one line', ['5, 6']],
    ['junk after a length', ['5', 'x']],
    ['an empty line', ['']],
    ['an empty member', ['5,']],
    ['a sign', ['+5']],
    ['a negative length', ['-5']],
    ['a fraction', ['5.0']],
    ['hexadecimal', ['0x10']],
    ['an exponent', ['1e3']],
    ['digits of another script', ['٥']],
    ['more than a number holds', ['9007199254740992']]
  ])('refuses %s', (_, values) => {
    expect(parseContentLength(values)).toBeUndefined()
  })

  it('reads every length back, however often it is repeated', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({min: 1, max: 5}), (length, lines) => {
        expect(parseContentLength(Array.from({length: lines}, () => String(length)))).toBe(length)
      })
    )
  })
})
