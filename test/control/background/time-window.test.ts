import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {OpeningHours} from '../../../src/control/background/dispatcher/dispatcher-hours.ts'
import {
  isInside,
  nextChange,
  parseTimeWindow
} from '../../../src/control/background/dispatcher/time-window.ts'
import type {TimeWindow} from '../../../src/control/background/dispatcher/time-window.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'

const zone = process.env['TZ']

beforeEach(() => {
  process.env['TZ'] = 'Europe/Berlin'
})

afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

function windowOf(text: string): TimeWindow {
  const window = parseTimeWindow(text)
  if (!window) throw new Error(`${text} is no window`)
  return window
}

describe('A window of the day', () => {
  it.each([
    ['01:00-06:00', {from: 60, to: 360}],
    ['23:30-00:15', {from: 1410, to: 15}],
    ['00:00-00:00', {from: 0, to: 0}]
  ])('is read from %s', (text, window) => {
    expect(parseTimeWindow(text)).toEqual(window)
  })

  it.each([
    '',
    '01:00',
    '1:00-6:00',
    '24:00-06:00',
    '01:60-06:00',
    '01:00-06:00 ',
    '01:00–06:00',
    '-1:00-06:00'
  ])('is not read from "%s"', text => {
    expect(parseTimeWindow(text)).toBeUndefined()
  })

  // Winter in Berlin is UTC+1.
  it.each([
    ['01:00-06:00', '2026-01-10T00:00Z', true],
    ['01:00-06:00', '2026-01-09T23:59:59Z', false],
    ['01:00-06:00', '2026-01-10T04:59:59Z', true],
    ['01:00-06:00', '2026-01-10T05:00Z', false],
    ['22:00-02:00', '2026-01-10T21:00Z', true],
    ['22:00-02:00', '2026-01-10T00:59:59Z', true],
    ['22:00-02:00', '2026-01-10T01:00Z', false],
    ['22:00-02:00', '2026-01-10T20:59:59Z', false],
    ['04:00-04:00', '2026-01-10T12:00Z', true]
  ])('%s at %s: inside is %s', (text, time, inside) => {
    expect(isInside(windowOf(text), Date.parse(time))).toBe(inside)
  })

  it.each([
    ['opens', '01:00-06:00', '2026-01-09T12:34:56.789Z', '2026-01-10T00:00:00.000Z'],
    ['closes', '01:00-06:00', '2026-01-10T00:00:00.000Z', '2026-01-10T05:00:00.000Z'],
    ['opens again the next day', '01:00-06:00', '2026-01-10T05:00:00.000Z', '2026-01-11T00:00:00.000Z'],
    ['closes after midnight', '22:00-02:00', '2026-01-09T21:30:00.000Z', '2026-01-10T01:00:00.000Z'],
    [
      'opens later where the clock skips its beginning',
      '02:30-06:00',
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T01:00:00.000Z'
    ],
    [
      'skips a day where the clock skips it whole',
      '02:15-02:45',
      '2026-03-28T12:00:00.000Z',
      '2026-03-30T00:15:00.000Z'
    ],
    [
      'closes an hour sooner where the clock is put forward',
      '01:00-06:00',
      '2026-03-29T00:00:00.000Z',
      '2026-03-29T04:00:00.000Z'
    ],
    [
      'closes an hour later where the clock is put back',
      '01:00-06:00',
      '2026-10-24T23:00:00.000Z',
      '2026-10-25T05:00:00.000Z'
    ],
    [
      'opens twice where its time comes twice',
      '02:30-03:00',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z'
    ],
    ['opens the second time', '02:30-03:00', '2026-10-25T01:00:00.000Z', '2026-10-25T01:30:00.000Z']
  ])('%s', (_what, text, time, change) => {
    expect(new Date(nextChange(windowOf(text), Date.parse(time)) ?? 0).toISOString()).toBe(change)
  })

  it('that is the whole day never changes', () => {
    expect(nextChange(windowOf('04:00-04:00'), Date.parse('2026-01-10T12:00Z'))).toBeUndefined()
  })
})

describe('A task with a window', () => {
  const {keys} = SessionConfiguration.background('nightly', {
    discretionary: {window: '01:00-06:00'},
    timeouts: {total: 3600}
  })
  const noon = Date.parse('2026-01-10T11:00Z')
  const fresh = {attempts: 0, created: noon}
  const openings = new OpeningHours()
  const admission: OpeningHours['admission'] = (task, hours, now) => openings.admission(task, hours, now)

  it('is not admitted outside, and looked at again when its total time since then has passed [B15]', () => {
    expect(admission(fresh, keys, noon)).toEqual({admitted: false, until: noon + 3600_000})
    expect(admission(fresh, keys, noon + 3599_999).admitted).toBe(false)
    expect(admission(fresh, keys, noon + 3600_000)).toEqual({admitted: true, until: undefined})
  })

  it('waits for the next window once it has had a chance', () => {
    const opening = Date.parse('2026-01-11T00:00Z')
    expect(admission({...fresh, attempts: 1}, keys, noon + 7200_000)).toEqual({
      admitted: false,
      until: opening
    })
  })

  it('is admitted inside until the window closes; without a window always', () => {
    const night = Date.parse('2026-01-11T03:00Z')
    expect(admission(fresh, keys, night)).toEqual({admitted: true, until: Date.parse('2026-01-11T05:00Z')})
    const {keys: free} = SessionConfiguration.background('always')
    expect(admission(fresh, free, noon)).toEqual({admitted: true, until: undefined})
  })

  it.each([
    ['Asia/Tokyo', '2026-01-10T16:00Z'],
    ['America/New_York', '2026-01-11T06:00Z'],
    ['not a zone', '2026-01-11T00:00Z'],
    [undefined, '2026-01-11T00:00Z']
  ])('waits for the hours of %s', (timeZone, opens) => {
    const {discretionary} = keys
    const hours = {discretionary, timeouts: {...keys.timeouts, total: 7 * 24 * 3600}, timeZone}
    expect(admission(fresh, hours, noon)).toEqual({admitted: false, until: Date.parse(opens)})
    expect(openings.closedUntil(hours, noon)).toBe(Date.parse(opens))
    expect(openings.closedUntil(hours, Date.parse(opens))).toBeUndefined()
  })

  it('is looked at anew where somebody puts the clock back', () => {
    const night = Date.parse('2026-01-11T03:00Z')
    expect(admission(fresh, keys, night).admitted).toBe(true)
    expect(admission(fresh, keys, noon).admitted).toBe(false)
  })
})
