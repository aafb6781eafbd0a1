import type {BackgroundTask} from '../background-task.ts'
import type {Snapshot} from '../submission.ts'
import {isInside, nextChange, parseTimeWindow} from './time-window.ts'

/** What a configuration says of the time of the day. */
export type Hours = Pick<Snapshot['keys'], 'discretionary' | 'timeouts'>

/** May a task run at this time, and when does that change? */
export interface Admission {
  readonly admitted: boolean
  /** Milliseconds since the epoch, later than now; undefined = it stays as it is. */
  readonly until: number | undefined
}

const always: Admission = {admitted: true, until: undefined}

/**
 * A task with a window runs within it. One that never had the chance starts at the latest when, since it was submitted,
 * as much time has passed as it may take altogether, and then runs to its end (B15).
 */
export function admission(
  task: Pick<BackgroundTask, 'attempts' | 'created'>,
  {discretionary, timeouts}: Hours,
  now: number
): Admission {
  const window = discretionary.window === undefined ? undefined : parseTimeWindow(discretionary.window)
  if (!window) return always
  const change = nextChange(window, now)
  if (isInside(window, now)) return {admitted: true, until: change}
  if (task.attempts > 0) return {admitted: false, until: change}
  const latest = task.created + timeouts.total * 1000
  return now >= latest ? always : {admitted: false, until: Math.min(latest, change ?? Infinity)}
}
