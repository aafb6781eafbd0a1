import {describe, expect, it} from 'vitest'
import {longestRetryAfter, parseRetryAfter} from '../../../src/engine/fields/retry-after.ts'

const now = Date.UTC(2026, 10, 21, 12, 0, 0)

describe('parseRetryAfter', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['zero, which means at once', '0', 0],
    ['blanks around the seconds', ' 7 ', 7000],
    ['a date', 'Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['this very moment', 'Sat, 21 Nov 2026 12:00:00 GMT', 0],
    ['more seconds than we wait', '21601', longestRetryAfter],
    ['more seconds than a number holds', '9'.repeat(400), longestRetryAfter],
    ['a date years away', 'Sun, 21 Nov 2032 12:00:00 GMT', longestRetryAfter]
  ])('reads %s', (_, value, delay) => {
    expect(parseRetryAfter(value, {now})).toBe(delay)
  })

  it.each(['', '-1', '+5', '1.5', '5s', 'soon', '0x10', '5, 6', 'Sat, 21 Nov 2026 11:59:59 GMT'])(
    'leaves %j to our own back-off',
    value => {
      expect(parseRetryAfter(value, {now})).toBeUndefined()
    }
  )

  it('measures a date by the clock of the server that wrote it, and by ours if that cannot be read', () => {
    const value = 'Sat, 21 Nov 2026 15:00:30 GMT'
    expect(parseRetryAfter(value, {now, date: 'Sat, 21 Nov 2026 15:00:00 GMT'})).toBe(30_000)
    expect(parseRetryAfter(value, {now, date: 'junk'})).toBe(3 * 3_600_000 + 30_000)
  })

  it('does not let the date of the reply change a number of seconds', () => {
    expect(parseRetryAfter('10', {now, date: 'Thu, 01 Jan 1970 00:00:00 GMT'})).toBe(10_000)
  })

  it('never waits longer than six hours', () => {
    expect(longestRetryAfter).toBe(21_600_000)
  })
})
