import {steadyTime} from './exchange/steady-time.ts'
import type {Task} from './task.ts'
import {TransferError} from './transfer-error.ts'

const longestTimer = 2 ** 31 - 1

/**
 * Stops the task when its whole time is over (timeouts.total, P4), what earlier processes have used up of it included.
 * Call the result when it has ended.
 */
export function stopWhenOverdue(task: Task, started: number): () => void {
  const total = task.keys.timeouts.total * 1000
  const end = started + total - (task.options.spent ?? 0)
  const message = `The whole task took longer than ${total / 1000} s`
  let timer: NodeJS.Timeout
  const wait = (): void => {
    // Node complains aloud about a negative time.
    const left = Math.max(0, end - steadyTime())
    // A timer cannot be longer, but what runs in the background can.
    const next = left > longestTimer ? wait : () => task.stop(new TransferError('TIMED_OUT', message))
    timer = setTimeout(next, Math.min(left, longestTimer))
  }
  wait()
  return () => clearTimeout(timer)
}
