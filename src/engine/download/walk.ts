import type {DownloadTask} from '../download-task.ts'
import {TransferError} from '../transfer-error.ts'
import type {Opening} from './open-draft.ts'

/** A download under way: what of it can change from attempt to attempt. */
export interface Walk {
  readonly task: DownloadTask
  opening: Extract<Opening, {kind: 'draft'}>
  /** Has the content been thrown away once already? A server that changes all the time must not loop (security 6.9 h). */
  restarts: number
  /** Were ranges answered uselessly? Then nobody asks for one again. */
  ranges: 'usable' | 'useless'
  /** Why they were useless, when they were. */
  why: 'changed' | 'unusable' | undefined
  /** Was the delegate told where the content begins? */
  told: boolean
}

/** Makes the walk's draft what the task shows. */
export function introduce({task, opening: {draft}}: Walk): void {
  task.draft = draft
  task.path = draft.path
  task.countOfBytesReceived = draft.received
  task.countOfBytesExpectedToReceive = draft.total
  task.session.progress.rebase(task)
}

/** What was received has to come again: counts it, and refuses where that is forbidden or would go on for ever. */
export function noteRestart(
  walk: Walk,
  placement: {reason: string; why?: 'changed' | 'unusable'; content?: 'same' | 'changed'}
): void {
  const {task} = walk
  const isChange = placement.why === 'changed' || placement.content === 'changed'
  const wasAsked = walk.ranges === 'usable' && walk.opening.draft.isContinuable
  const code = isChange && wasAsked ? 'RESOURCE_CHANGED' : 'RANGE_REFUSED'
  if (task.options.restarting === 'refuse') {
    throw new TransferError(code, `${placement.reason}, and starting again is forbidden`, {
      url: task.originalRequest.url,
      method: task.originalRequest.method,
      hint: 'Start again from zero by leaving out --no-restart.'
    })
  }
  // Where nothing could be continued, the retry budget alone ends it: it counts new bytes.
  if (walk.restarts > 0 && isChange && wasAsked) {
    throw new TransferError(code, `${placement.reason} again; the server does not keep to one version`, {
      url: task.originalRequest.url,
      method: task.originalRequest.method
    })
  }
  if (wasAsked) walk.restarts += 1
  task.restarted = true
  task.restartReason = placement.reason
}

/** Tells once where the content of this task begins (R40). */
export function tellResumption(walk: Walk, {offset, reason}: {offset: number; reason: string}): void {
  const {task} = walk
  const {draft} = walk.opening
  task.countOfBytesExpectedToReceive = draft.total
  if (walk.told) return
  walk.told = true
  task.countOfBytesReceived = offset
  task.session.progress.rebase(task)
  if (offset === 0 && !task.continues && !task.restarted) return
  task.resumedFrom = offset
  task.session.delegate.didResumeAtOffset?.(task, {
    offset,
    expectedTotalBytes: draft.total,
    reason: task.restarted ? (task.restartReason ?? reason) : reason
  })
}

/** It was asked for everything, and sent a piece again. */
export function refusedRange({task}: Walk, reason: string): TransferError {
  const {url, method} = task.originalRequest
  return new TransferError('RANGE_REFUSED', `${reason}, even when asked for the whole`, {url, method})
}
