import type {TaskOutcome} from '../../../engine/index.ts'

// NSURLErrorBackgroundTaskCancelledReasonKey: somebody ended the service on purpose.
export const forced = 0

/**
 * What somebody wants of a task that runs. hold: it goes on as the same one when a person says so. wait: when the daemon
 * says so. giveUp: it must neither go on nor begin again. end: the daemon was told to end everything (B13).
 */
export type Intent = 'run' | 'pause' | 'hold' | 'wait' | 'giveUp' | 'cancel' | 'end'

/** What the end of an engine task means for the task of the journal. */
export type Verdict =
  | {readonly kind: 'ended'; readonly state: TaskOutcome['state']; readonly remains: 'kept' | 'discarded'}
  | {readonly kind: 'setAside'; readonly state: 'held' | 'waiting'; readonly waitsFor: 'somebody' | 'space'}

/** A finished file is finished, whatever was wanted meanwhile (T9 before T6); a full disk ends nothing. */
export function verdictOf(intent: Intent, {state, error, resumeData}: TaskOutcome): Verdict {
  if (state === 'completed') return ended(state)
  const isFull = state === 'failed' && error?.code === 'NO_SPACE'
  if (state === 'failed' && !isFull) return ended(state)
  if (intent === 'hold') return {kind: 'setAside', state: 'held', waitsFor: 'somebody'}
  if (intent === 'wait') return {kind: 'setAside', state: 'waiting', waitsFor: 'somebody'}
  if (intent === 'giveUp') return ended('failed')
  if (intent === 'cancel') return {kind: 'ended', state: 'cancelled', remains: 'discarded'}
  if (intent === 'end') return ended('cancelled')
  if (intent === 'run' && isFull) return {kind: 'setAside', state: 'waiting', waitsFor: 'space'}
  return ended(isFull && resumeData !== undefined ? 'paused' : state)
}

function ended(state: TaskOutcome['state']): Verdict {
  return {kind: 'ended', state, remains: 'kept'}
}
