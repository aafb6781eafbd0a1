import {parseDuration} from './parse-duration.ts'
import {parseSize} from './parse-size.ts'
import {usageError} from './usage-error.ts'

/** Reads the value of a flag that means bytes. */
export function sizeOf(flag: string, text: string): number {
  const bytes = parseSize(text)
  if (bytes !== undefined) return bytes
  throw usageError(`${flag} needs a size such as 500, 64k, 1.5M or 2G`)
}

/** Reads the value of a flag that means time; seconds. */
export function durationOf(flag: string, text: string): number {
  const seconds = parseDuration(text)
  if (seconds !== undefined) return seconds
  throw usageError(`${flag} needs a time such as 30, 1.5 or 1m30s`)
}

const window = /^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)$/

/** Reads the value of a flag that means hours of every day; as HH:MM-HH:MM. */
export function dailyWindowOf(flag: string, text: string): string {
  const [, fromHour = '', fromMinute = '', toHour = '', toMinute = ''] = window.exec(text) ?? []
  if (fromHour === '') {
    throw usageError(
      `${flag} needs two times of the day, such as 01:00-06:00 or 22:30-5:00`,
      'Midnight is 00:00. Times are local.'
    )
  }
  return `${fromHour.padStart(2, '0')}:${fromMinute}-${toHour.padStart(2, '0')}:${toMinute}`
}

/** Reads the value of a flag that counts something. */
export function countOf(flag: string, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count
  throw usageError(`${flag} needs a whole number`)
}

/** As countOf, where none at all makes no sense. */
export function positiveCountOf(flag: string, text: string): number {
  const count = countOf(flag, text)
  if (count > 0) return count
  throw usageError(`${flag} must be at least 1`)
}
