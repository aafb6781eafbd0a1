import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {formatHttpDate, parseHttpDate} from '../../../src/engine/fields/http-date.ts'

const example = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('parseHttpDate', () => {
  it.each([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['asctime', 'Sun Nov  6 08:49:37 1994', example],
    ['asctime with two digits', 'Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['blanks around it', ' Sun, 06 Nov 1994 08:49:37 GMT ', example],
    ['two digits of this century', 'Saturday, 21-Nov-26 00:00:00 GMT', Date.UTC(2026, 10, 21)],
    ['the last year two digits can name', 'Sunday, 01-Dec-69 00:00:00 GMT', Date.UTC(2069, 11, 1)],
    ['a leap day', 'Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['a day of the week that is wrong', 'Mon, 06 Nov 1994 08:49:37 GMT', example],
    ['the year 1970', 'Thu, 01 Jan 1970 00:00:00 GMT', 0]
  ])('reads %s', (_, value, time) => {
    expect(parseHttpDate(value)).toBe(time)
  })

  it.each([
    '',
    '0',
    '-1',
    'now',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT; x',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Abc 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Wed, 29 Feb 2023 00:00:00 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Xyz, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 0094 08:49:37 GMT',
    'Sun Nov 06 08:49:37 1994 GMT'
  ])('refuses %j', value => {
    expect(parseHttpDate(value)).toBeUndefined()
  })
})

describe('formatHttpDate', () => {
  it('writes the one form that senders may use', () => {
    expect(formatHttpDate(example + 999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, -8.64e15])('has no form for %d', time => {
    expect(formatHttpDate(time)).toBeUndefined()
  })

  it('is read back to the second', () => {
    const dates = fc.date({
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true
    })
    fc.assert(
      fc.property(dates, date => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000
        expect(parseHttpDate(formatHttpDate(date.getTime()) ?? '')).toBe(seconds)
      })
    )
  })
})
