import * as v from 'valibot'

/** Text of a message, 64 KiB at most. */
export const text = v.pipe(v.string(), v.maxLength(64 * 1024))
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** How many tasks there are in each state. */
export const taskCounts = v.object({
  waiting: count,
  running: count,
  held: count,
  paused: count,
  completed: count,
  failed: count,
  cancelled: count
})
