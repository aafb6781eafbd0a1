import type {StopReason, Task, TaskOutcome} from './task.ts'
import {TransferError} from './transfer-error.ts'

/** How a task ends that was told to stop. */
export function stoppedOutcome(task: Task, reason: StopReason): TaskOutcome {
  const facts = {url: task.originalRequest.url, method: task.originalRequest.method}
  if (reason instanceof TransferError) return {state: 'failed', error: reason}
  return {state: 'cancelled', error: new TransferError('CANCELLED', 'The task was cancelled', facts)}
}

/** How a task ends whose work was rejected: as stopped, where it was; else as failed. */
export function failedOutcome(task: Task, error: unknown): TaskOutcome {
  const response = task.response ? {response: task.response} : {}
  if (task.stopSignal.aborted)
    return {...stoppedOutcome(task, task.stopSignal.reason as StopReason), ...response}
  if (error instanceof TransferError) return {state: 'failed', error, ...response}
  const message = error instanceof Error ? error.message : String(error)
  return {state: 'failed', error: new TransferError('RECEIVE_FAILED', message, {cause: error}), ...response}
}

/** What is wrong with a session whose stores could not be closed. */
export function closingFailure(cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause
  return new TransferError('WRITE_FAILED', 'What the session remembers could not be written', {cause})
}
