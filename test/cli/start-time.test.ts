import {describe, expect, it, vi} from 'vitest'
import {parseStartTime} from '../../src/cli/start-time.ts'

/** What a text means at a moment in Berlin, as a time of Berlin and as milliseconds from then. */
function meaning(text: string, now: string): {readonly at: string; readonly after: number} | undefined {
  vi.stubEnv('TZ', 'Europe/Berlin')
  try {
    const from = new Date(now).getTime()
    const time = parseStartTime(text, from)
    if (time === undefined) return undefined
    return {at: new Date(time).toLocaleString('sv'), after: time - from}
  } finally {
    vi.unstubAllEnvs()
  }
}

const minute = 60_000

describe('--start-at', () => {
  it.each([
    ['14:30', '2026-06-01T12:00:00+02:00', '2026-06-01 14:30:00'],
    ['2:05', '2026-06-01T12:00:00+02:00', '2026-06-02 02:05:00'],
    // Now is over: a day later.
    ['12:00', '2026-06-01T12:00:00+02:00', '2026-06-02 12:00:00'],
    ['00:00', '2026-12-31T23:59:30+01:00', '2027-01-01 00:00:00']
  ])('takes the next %s after %s', (text, now, at) => {
    expect(meaning(text, now)?.at).toBe(at)
  })

  it('asks the calendar how long a day is', () => {
    // The night has 23 hours in March, and 25 in October.
    expect(meaning('12:00', '2026-03-28T12:00:00+01:00')?.after).toBe(23 * 60 * minute)
    expect(meaning('12:00', '2026-10-24T12:00:00+02:00')?.after).toBe(25 * 60 * minute)
  })

  it.each([
    ['2026-03-01', '2026-03-01 00:00:00'],
    ['2026-03-01T02:30', '2026-03-01 02:30:00'],
    ['2026-03-01 02:30:15', '2026-03-01 02:30:15'],
    ['2026-03-01T02:30Z', '2026-03-01 03:30:00'],
    ['2026-03-01T02:30:00-05:00', '2026-03-01 08:30:00']
  ])('takes a date as local unless it says otherwise: %s', (text, at) => {
    expect(meaning(text, '2026-01-01T00:00:00Z')?.at).toBe(at)
  })

  it.each([
    ['90', 90_000],
    ['90m', 90 * minute],
    ['1h30m', 90 * minute],
    ['500ms', 500]
  ])('counts from now: %s', (text, after) => {
    expect(meaning(text, '2026-06-01T12:00:00Z')?.after).toBe(after)
  })

  it.each([
    '',
    'tomorrow',
    '24:00',
    '12:60',
    '2026-13-01',
    '2026-02-30T10:00',
    '2026-02-20T25:00',
    '-5m',
    '5 minutes',
    '12:00:00'
  ])('takes nothing else: %j', text => {
    expect(meaning(text, '2026-06-01T12:00:00Z')).toBeUndefined()
  })
})
