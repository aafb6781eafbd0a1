import {parseHttpDate} from './http-date.ts'

/** Six hours: no server makes us wait longer (security promise P7). */
export const longestRetryAfter = 6 * 60 * 60 * 1000

export type ReplyTime = {
  /** Our clock, in milliseconds since 1970. */
  readonly now: number
  /** The reply's own Date field: a date is measured by the clock of the one who wrote it. */
  readonly date?: string | undefined
}

/**
 * RFC 9110, 10.2.3: milliseconds to wait, at most `longestRetryAfter`. Undefined for junk, and for a date that
 * has passed: then the caller's own back-off decides.
 */
export function parseRetryAfter(value: string, reply: ReplyTime): number | undefined {
  const text = value.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestRetryAfter)
  const then = parseHttpDate(text)
  if (then === undefined) return undefined
  const delay = then - (parseHttpDate(reply.date ?? '') ?? reply.now)
  return delay < 0 ? undefined : Math.min(delay, longestRetryAfter)
}
