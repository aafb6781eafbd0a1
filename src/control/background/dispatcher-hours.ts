import type {BackgroundTask} from './background-task.ts'
import type {Snapshot} from './submission.ts'
import {isInside, nextChange, parseTimeWindow} from './time-window.ts'

/** May a task run at this time, and when does that change? */
export interface Admission {
  readonly admitted: boolean
  /** Milliseconds since the epoch; undefined = it stays as it is. */
  readonly until: number | undefined
}

/**
 * A task with a window runs within it. One that never had the chance starts at the latest when, since it was submitted,
 * as much time has passed as it may take altogether (B15).
 */
export function admission(task: BackgroundTask, {keys}: Pick<Snapshot, 'keys'>, now: number): Admission {
  const window =
    keys.discretionary.window === undefined ? undefined : parseTimeWindow(keys.discretionary.window)
  if (!window) return {admitted: true, until: undefined}
  const until = nextChange(window, now)
  if (isInside(window, now)) return {admitted: true, until}
  if (task.attempts > 0) return {admitted: false, until}
  const latest = task.created + keys.timeouts.total * 1000
  return {admitted: now >= latest, until: Math.min(latest, until ?? Infinity)}
}
