import fc from 'fast-check'
import {expect, it} from 'vitest'
import {parseStrictTransportSecurity} from '../../../src/engine/fields/strict-transport-security.ts'

it.each([
  ['max-age=31536000', 31_536_000, false],
  ['max-age=0', 0, false],
  ['max-age=15768000 ; includeSubDomains', 15_768_000, true],
  ['max-age="1"; preload', 1, false],
  ['INCLUDESUBDOMAINS; Max-Age = 7', 7, true],
  [' ; max-age=1;; ', 1, false],
  ['max-age=1; other="a b"', 1, false]
])('%j is a demand', (value, maxAge, includeSubDomains) => {
  expect(parseStrictTransportSecurity(value)).toEqual({maxAge, includeSubDomains})
})

it.each([
  '',
  'includeSubDomains',
  'max-age',
  'max-age=',
  'max-age=-1',
  'max-age=1.5',
  'max-age=soon',
  'max-age=1; max-age=2',
  'max-age=1; Max-Age=1',
  'max-age=1; includeSubDomains=yes',
  'max-age=1; includeSubDomains; includesubdomains',
  'max-age=1, includeSubDomains',
  'max-age="1'
])('%j is none, as RFC 6797 has it', value => {
  expect(parseStrictTransportSecurity(value)).toBeUndefined()
})

it('takes anything without throwing', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), value => {
      const demand = parseStrictTransportSecurity(value)
      expect(demand === undefined || demand.maxAge >= 0).toBe(true)
    })
  )
})
