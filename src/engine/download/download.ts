import type {DownloadTask} from '../download-task.ts'
import {discardBody} from '../exchange/discard-body.ts'
import {decisionOf} from '../exchange/decision.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import {persist} from '../exchange/persist.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {commit} from './commit.ts'
import {openDraft, settleName} from './open-draft.ts'
import type {Opening} from './open-draft.ts'
import {codingsOf, differenceOf, placeResponse, validatorsOf} from './place-response.ts'
import type {Placement} from './place-response.ts'
import {rangeHeaders} from './range-request.ts'
import type {Held} from './range-request.ts'
import {receiveInto} from './receive-into.ts'
import {streamInto} from './stream-into.ts'
import {introduce, noteRestart, refusedRange, tellResumption} from './walk.ts'
import type {Walk} from './walk.ts'

/** URL to file: asks, decides, receives, gives the name (the walk of one download). */
export async function download(task: DownloadTask): Promise<TaskOutcome> {
  const opening = await openDraft(task)
  if (opening.kind === 'stream') return streamInto(task, opening.path)
  if (opening.kind === 'done') return doneAlready(task, opening)
  const walk: Walk = {task, opening, restarts: 0, ranges: 'usable', why: undefined, told: false}
  introduce(walk)
  try {
    return await persist(task, {
      received: () => walk.opening.draft.received,
      attempt: () => attempt(walk)
    })
  } catch (error) {
    return await leave(walk, error)
  } finally {
    await walk.opening.draft.close()
    task.draft = undefined
  }
}

function doneAlready(task: DownloadTask, {path, note}: Extract<Opening, {kind: 'done'}>): TaskOutcome {
  task.path = path
  return {state: 'completed', path, note, ...(task.response ? {response: task.response} : {})}
}

/** One request, its answer, and what follows from it; undefined: ask again at once. */
async function attempt(walk: Walk): Promise<TaskOutcome | undefined> {
  const {task} = walk
  const {draft} = walk.opening
  const held = walk.ranges === 'usable' ? draft.held : undefined
  if (held && held.offset === held.total) return confirmWhole(walk)
  const headers = rangeHeaders(requestHeaders(task), held)
  const answer = await follow(task, {...task.originalRequest, headers})
  const refusal = await refuse(walk, {answer, held})
  if (refusal) return refusal
  if (!(await introduceResponse(walk, answer)))
    throw new TransferError('CANCELLED', 'The delegate refused the response')
  const placement = placeFor(task, placeResponse(held, answer.response), answer)
  try {
    return await act(walk, {answer, placement})
  } catch (error) {
    answer.exchange.abort()
    throw error
  }
}

function requestHeaders(task: DownloadTask): DownloadTask['originalRequest']['headers'] {
  const {headers} = task.originalRequest
  if (!task.options.decode) return headers
  return [...headers, ['Accept-Encoding', 'gzip, deflate, br, zstd']]
}

// A range chosen by hand is the whole of what was wanted; what is decoded on its way has no announced length.
function placeFor(task: DownloadTask, placement: Placement, {response}: Answer): Placement {
  if (placement.kind === 'restart' && task.options.decode && codingsOf(response).length > 0) {
    return {...placement, total: undefined}
  }
  const isPiece = task.originalRequest.headers.some(([name]) => name.toLowerCase() === 'range')
  if (!isPiece || response.status !== 206) return placement
  return {
    kind: 'restart',
    total: response.expectedContentLength,
    content: 'changed',
    reason: 'A piece was asked for'
  }
}

interface Placed {
  readonly answer: Answer
  readonly placement: Placement
}

async function act(walk: Walk, {answer, placement}: Placed): Promise<TaskOutcome | undefined> {
  switch (placement.kind) {
    case 'append':
      await walk.opening.draft.continueAt(answer.response, placement)
      tellResumption(walk, {offset: placement.offset, reason: 'The server continues the same version'})
      return receiveAndCommit(walk, answer)
    case 'restart': {
      if (walk.opening.draft.received > 0) noteRestart(walk, placement)
      const settled = await settle(walk, answer)
      if (settled) return settled === 'again' ? undefined : settled
      await walk.opening.draft.begin(answer.response, placement)
      // The new version may well be continued, should its transfer break.
      if (walk.why === 'changed') walk.ranges = 'usable'
      tellResumption(walk, {offset: 0, reason: placement.reason})
      return receiveAndCommit(walk, answer)
    }
    case 'confirm':
      await discardBody(answer.exchange)
      return confirmWhole(walk)
    case 'refetch':
      await discardBody(answer.exchange)
      noteRestart(walk, placement)
      if (walk.ranges === 'useless') throw refusedRange(walk, placement.reason)
      walk.ranges = 'useless'
      walk.why = placement.why
      return undefined
  }
}

/** Finds the final name. An outcome: nothing to fetch; 'again': a draft under that name can be continued. */
async function settle(walk: Walk, answer: Answer): Promise<TaskOutcome | 'again' | undefined> {
  if (walk.opening.name === 'final') return undefined
  const before = walk.opening.draft
  const opening = await settleName(walk.opening, answer.response).catch(async (error: unknown) => {
    await discardBody(answer.exchange)
    throw error
  })
  if (opening.kind !== 'draft') {
    await discardBody(answer.exchange)
    return opening.kind === 'done' ? doneAlready(walk.task, opening) : streamInto(walk.task, opening.path)
  }
  walk.opening = opening
  if (opening.draft === before) return undefined
  await before.close()
  introduce(walk)
  if (opening.draft.held === undefined) return undefined
  await discardBody(answer.exchange)
  return 'again'
}

async function receiveAndCommit(walk: Walk, answer: Answer): Promise<TaskOutcome | undefined> {
  const {draft} = walk.opening
  const before = draft.received
  await receiveInto(draft, answer)
  if (draft.total === undefined || draft.received === draft.total) return finish(walk, answer)
  // A server may send less than asked (D10), but an empty piece leads nowhere.
  if (draft.received > before) return undefined
  throw new TransferError('TRANSFER_TRUNCATED', 'The server sends no further bytes')
}

async function finish({task, opening: {draft}}: Walk, answer: Answer | undefined): Promise<TaskOutcome> {
  const part = await draft.wholeFile()
  task.session.progress.finish(task)
  const path = await commit(draft, part)
  task.path = path
  task.session.delegate.didFinishDownloading?.(task, path)
  const failure = answer && deliveredFailure(task, answer.response)
  if (failure)
    return {state: 'failed', error: failure, path, ...(task.response ? {response: task.response} : {})}
  const isUnannounced = draft.total === undefined && answer?.exchange.framing === 'close'
  return {
    state: 'completed',
    path,
    ...(task.response ? {response: task.response} : {}),
    ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})
  }
}

// Everything is here: is it still what the server has (D4, D13)?
async function confirmWhole(walk: Walk): Promise<TaskOutcome | undefined> {
  const {task} = walk
  const {draft} = walk.opening
  const {exchange, response} = await follow(task, {
    ...task.originalRequest,
    method: 'HEAD',
    headers: requestHeaders(task)
  })
  await discardBody(exchange)
  if (response.status < 400) {
    const length = response.expectedContentLength
    const now = validatorsOf(response)
    const difference = differenceOf(draft.representation.validators, now)
    if (!difference && hasStrongValidator(now) && (length === undefined || length === draft.total)) {
      tellResumption(walk, {offset: draft.received, reason: 'Everything was here already'})
      return finish(walk, undefined)
    }
    noteRestart(walk, {reason: difference ?? 'The resource has changed', why: 'changed'})
    walk.why = 'changed'
  }
  walk.ranges = 'useless'
  return undefined
}

/** Answers that bring no content: an error, or "not modified" where that was asked. */
async function refuse(
  {task}: Walk,
  {answer, held}: {answer: Answer; held: Held | undefined}
): Promise<TaskOutcome | undefined> {
  const {status} = answer.response
  if (status === 304) {
    await discardBody(answer.exchange)
    if (task.originalRequest.headers.some(([name]) => /^if-(none-match|modified-since)$/i.test(name))) {
      return {state: 'completed', response: answer.response, note: 'notModified'}
    }
    throw new TransferError(
      'REPLY_MALFORMED',
      'The server says "not modified" although nobody asked for that'
    )
  }
  if (status < 400 || (held && (status === 412 || status === 416))) return undefined
  // What is here is worth more than the text of an error (D15).
  if (deliversErrors(task) && !held) return undefined
  throw await httpFailure(answer)
}

async function introduceResponse({task}: Walk, {exchange, response}: Answer): Promise<boolean> {
  if (task.hasIntroducedResponse) return true
  task.hasIntroducedResponse = true
  const disposition = await decisionOf(task, task.session.delegate.didReceiveResponse?.(task, response))
  if (disposition !== 'cancel') return true
  exchange.abort()
  task.stop('cancel')
  return false
}

/** How a walk ends that did not reach the file: paused and failed ones leave what can be continued. */
async function leave(walk: Walk, error: unknown): Promise<TaskOutcome> {
  const {task} = walk
  const {draft} = walk.opening
  const reason: unknown = task.stopSignal.reason
  const response = task.response ? {response: task.response} : {}
  const failure = reason instanceof TransferError ? reason : error
  await draft.rest()
  if (reason === 'cancel') {
    draft.discard()
    throw failure
  }
  if (failure instanceof TransferError && failure.code === 'CHECKSUM_MISMATCH') draft.discard()
  const state = reason === 'pause' ? 'paused' : 'failed'
  const resumeData = await draft.keep(state)
  const kept = resumeData === undefined ? {} : {resumeData}
  if (state === 'paused')
    return resumeData === undefined ? {state: 'cancelled', ...response} : {state, ...response, ...kept}
  if (!(failure instanceof TransferError)) throw failure
  return {state, error: failure, ...response, ...kept}
}
