import {setTimeout as sleep} from 'node:timers/promises'
import type {Task, TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {steadyTime} from './steady-time.ts'
import {isConnectivityFailure, mayRepeat, RetryBudget} from './retry-policy.ts'

/** Work that can be tried again. */
export interface Attempts {
  /** Bytes that are safe; a growing count refills the budget. */
  received(): number
  /** One try; undefined means: once more, at once. */
  attempt(): Promise<TaskOutcome | undefined>
  /** May there be another attempt after this failure? Default: as the request's method allows (RFC 9110, 9.2.2). */
  mayRepeat?(error: TransferError): boolean
  /** Before the wait for another attempt: rejects where there cannot be one, so that nobody waits for nothing. */
  prepare?(error: TransferError): Promise<void>
}

/** What an attempt rejects with where another one would be wrong, whatever the failure. */
export class LastFailure extends Error {
  readonly failure: TransferError

  constructor(failure: TransferError) {
    super(failure.message)
    this.failure = failure
  }
}

const connectivityPoll = 1000

/**
 * Tries until it works, the budget is spent or the task is stopped. Rejects with the last failure. In a background session
 * only an answer spends the budget: what the network does ends no task before its whole time is over (B6).
 */
export async function persist(task: Task, attempts: Attempts): Promise<TaskOutcome> {
  const {retry, waitsForConnectivity} = task.keys
  const isEndless = task.session.configuration.kind === 'background'
  const budget = new RetryBudget(retry, {endurance: isEndless ? 'endless' : 'counted'})
  let best = attempts.received()
  let waited = false
  const started = (task.started ?? steadyTime()) - (task.options.spent ?? 0)
  for (;;) {
    try {
      const outcome = await attempts.attempt()
      if (outcome) return outcome
    } catch (error) {
      if (error instanceof LastFailure) throw error.failure
      if (task.stopSignal.aborted || !(error instanceof TransferError)) throw error
      const received = attempts.received()
      const failed = {error, gained: received > best, elapsed: steadyTime() - started}
      if (waitsForConnectivity && isConnectivityFailure(error) && task.response === undefined) {
        if (!waited) task.session.delegate.taskIsWaiting?.(task, {reason: 'connectivity', delay: 0, error})
        waited = true
        const delay = isEndless ? budget.delayAfter(failed) : undefined
        if (isEndless) best = Math.max(best, received)
        await pause(task, {delay: delay ?? connectivityPoll, error})
        continue
      }
      const mayTry = attempts.mayRepeat?.(error) ?? mayRepeat(task.originalRequest.method, error)
      if (!retry.allErrors && !mayTry) throw error
      const delay = budget.delayAfter(failed)
      best = Math.max(best, received)
      if (delay === undefined) throw error
      await attempts.prepare?.(error)
      await waitAfter(task, {delay, error})
    }
  }
}

/** Waits until a failure may have passed. Rejects with CANCELLED where the task is stopped meanwhile. */
export async function waitAfter(
  task: Task,
  {delay, error}: {delay: number; error: TransferError}
): Promise<void> {
  tellWaiting(task, {delay, error})
  await pause(task, {delay, error})
}

function tellWaiting(task: Task, {delay, error}: {delay: number; error: TransferError}): void {
  const {delegate} = task.session
  const waiting = {reason: 'retry', delay, error} as const
  if (task.hasIntroducedResponse) delegate.taskWillReconnect?.(task, waiting)
  else delegate.taskIsWaiting?.(task, waiting)
}

async function pause(task: Task, {delay, error}: {delay: number; error: TransferError}): Promise<void> {
  task.waitsAfter = error
  task.enter('waiting')
  try {
    await sleep(delay, undefined, {signal: task.stopSignal})
  } catch {
    throw new TransferError('CANCELLED', 'The task was stopped while it waited')
  } finally {
    task.waitsAfter = undefined
  }
  task.enter('running')
}
