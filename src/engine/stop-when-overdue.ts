import {steadyTime} from './exchange/steady-time.ts'
import type {Task} from './task.ts'
import {TransferError} from './transfer-error.ts'

/** Stops the task when its whole time is over (timeouts.total, P4). Clear the timer when it has ended. */
export function stopWhenOverdue(task: Task, started: number): NodeJS.Timeout | undefined {
  const total = task.keys.timeouts.total * 1000
  const left = total - (steadyTime() - started)
  // Longer than a timer can be means: never, for any run that ends.
  if (left >= 2 ** 31) return undefined
  const message = `The whole task took longer than ${total / 1000} s`
  return setTimeout(() => task.stop(new TransferError('TIMED_OUT', message)), left)
}
