import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'

/**
 * Waits for a decision of the delegate, but no longer than the task is wanted: a delegate may never answer. A delegate
 * that fails stops the task with its error: asking again would only repeat it.
 */
export async function decisionOf<Decision>(
  task: Task,
  decision: Promise<Decision> | Decision
): Promise<Decision> {
  if (!(decision instanceof Promise)) return decision
  const {promise: stopped, reject} = Promise.withResolvers<never>()
  const stop = (): void =>
    reject(new TransferError('CANCELLED', 'The task was stopped before its delegate had decided'))
  if (task.stopSignal.aborted) stop()
  // A listener that is taken back: aborting a signal of our own makes an error with a stack for every task.
  task.stopSignal.addEventListener('abort', stop)
  try {
    return await Promise.race([decision, stopped])
  } catch (error) {
    if (error instanceof TransferError) task.stop(error)
    throw error
  } finally {
    task.stopSignal.removeEventListener('abort', stop)
  }
}
