import {parseDuration} from './parse-duration.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

export type TimingFlags = Pick<TransferFlags, 'start-at' | 'window'>

/** Refuses what only a background session can wait for. Throws USAGE. */
export function assertNow(flags: TimingFlags): void {
  const flag = (['start-at', 'window'] as const).find(name => flags[name] !== undefined)
  if (flag === undefined) return
  throw usageError(
    `--${flag} is for background sessions: this one runs now, as long as the command does`,
    'Add --background.'
  )
}

/** When the tasks may begin, in milliseconds since the epoch; null = at once. Throws USAGE. */
export function startTime({'start-at': given}: TimingFlags): number | null {
  if (given === undefined) return null
  const time = parseStartTime(given, Date.now())
  if (time !== undefined) return time
  throw usageError(
    '--start-at needs a time: 02:30, 2026-03-01T02:30, or one from now such as 90m',
    'Times are local unless they end in Z or an offset.'
  )
}

const timeOfDay = /^([01]?\d|2[0-3]):([0-5]\d)$/
const timestamp = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/**
 * The time that --start-at means, in milliseconds since the epoch: a time of the day that comes next, a date with or
 * without a time (local unless it says otherwise), or a duration from now. undefined = none of these.
 */
export function parseStartTime(text: string, now: number): number | undefined {
  const [, hours, minutes] = timeOfDay.exec(text) ?? []
  if (hours !== undefined) return nextTimeOfDay({hours: Number(hours), minutes: Number(minutes)}, now)
  if (timestamp.test(text)) return timeOf(text)
  const seconds = parseDuration(text)
  return seconds === undefined ? undefined : now + Math.round(seconds * 1000)
}

// Asked of the calendar, not added up: a day may have 23 hours, or 25.
function nextTimeOfDay({hours, minutes}: {hours: number; minutes: number}, now: number): number {
  const time = new Date(now)
  time.setHours(hours, minutes, 0, 0)
  if (time.getTime() <= now) time.setDate(time.getDate() + 1)
  return time.getTime()
}

function timeOf(text: string): number | undefined {
  // 30 February would be a day in March.
  const day = text.slice(0, 10)
  const midnight = new Date(`${day}T00:00Z`)
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined
  // A date alone would be midnight of UTC.
  const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')).getTime()
  return Number.isNaN(time) ? undefined : time
}
