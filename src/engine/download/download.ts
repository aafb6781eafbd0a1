import type {DownloadTask} from '../download-task.ts'
import {codingsOf} from '../exchange/content-codings.ts'
import {discardBody} from '../exchange/discard-body.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliveredFailure} from '../exchange/http-failure.ts'
import {mixedReplaceBoundary} from '../exchange/mixed-replace.ts'
import {persist} from '../exchange/persist.ts'
import {differenceOf, validatorsOf} from '../exchange/validators.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {ask, introduceResponse, refuse, requestHeaders} from './ask.ts'
import {commit} from './commit.ts'
import {contentHead} from './last-part.ts'
import {openDraft, settleName} from './open-draft.ts'
import type {Opening} from './open-draft.ts'
import {placeResponse} from './place-response.ts'
import type {Placement} from './place-response.ts'
import {receiveInto} from './receive-into.ts'
import {streamInto} from './stream-into.ts'
import {introduce, noteRestart, refusedRange, tellResumption} from './walk.ts'
import type {Walk} from './walk.ts'
import {hasHeader} from '../url-request.ts'

/** URL to file: asks, decides, receives, gives the name (the walk of one download). */
export async function download(task: DownloadTask): Promise<TaskOutcome> {
  try {
    return await walkToFile(task)
  } finally {
    // An answer that was handed over and not wanted: the target forbids it, or is whole already.
    task.takeAnswer()?.exchange.abort()
  }
}

async function walkToFile(task: DownloadTask): Promise<TaskOutcome> {
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
  const answer = await ask(task, held)
  const refusal = await refuse(task, {answer, held})
  if (refusal) return refusal
  await introduceResponse(task, answer)
  const placement = placeFor(task, placeResponse(held, answer.response), answer)
  try {
    return await act(walk, {answer, placement})
  } catch (error) {
    answer.exchange.abort()
    throw error
  }
}

// A range chosen by hand is the whole of what was wanted; what is changed on its way has no announced length.
function placeFor(task: DownloadTask, placement: Placement, {response}: Answer): Placement {
  const isDecoded = task.options.decode === true && codingsOf(response).length > 0
  if (placement.kind === 'restart' && (isDecoded || mixedReplaceBoundary(response) !== undefined)) {
    return {...placement, total: undefined}
  }
  const isPiece = hasHeader(task.originalRequest.headers, 'range')
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
      await walk.opening.draft.begin(contentHead(answer.response), placement)
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
  if (opening.kind === 'stream') return streamInto(walk.task, opening.path, answer)
  if (opening.kind === 'done') {
    await discardBody(answer.exchange)
    return doneAlready(walk.task, opening)
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
