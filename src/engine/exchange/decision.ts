import {once} from 'node:events'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'

/** Waits for a decision of the delegate, but no longer than the task is wanted: a delegate may never answer. */
export async function decisionOf<Decision>(
  task: Task,
  decision: Promise<Decision> | Decision
): Promise<Decision> {
  if (!(decision instanceof Promise)) return decision
  const answered = new AbortController()
  const stopped = async (): Promise<never> => {
    if (!task.stopSignal.aborted) await once(task.stopSignal, 'abort', {signal: answered.signal})
    throw new TransferError('CANCELLED', 'The task was stopped before its delegate had decided')
  }
  try {
    return await Promise.race([decision, stopped()])
  } finally {
    answered.abort()
  }
}
