import {discardBody} from '../exchange/discard-body.ts'
import {LastFailure, persist} from '../exchange/persist.ts'
import {mayRepeat} from '../exchange/retry-policy.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {deliverAnswer} from './answer.ts'
import type {FileSource} from './file-source.ts'
import {FileWalk} from './file-walk.ts'
import {isConflict, nextCourse} from './next-course.ts'
import type {Course} from './next-course.ts'
import {onceOnly} from './once-only.ts'
import type {OpenedSource} from './open-source.ts'
import {sendPlain} from './plain.ts'
import {chooseProtocol, forgetProtocol, protocolOf, turnToTus} from './protocols.ts'
import {assertSameSource} from './same-source.ts'
import {takeUp} from './take-up.ts'
import type {UploadStep} from './upload-protocol.ts'
import {recordPlace, RecordFile} from './record-file.ts'

interface Sending {
  readonly opened: OpenedSource
  readonly file: FileSource
}

/** A file to a server that may let it be continued: takes up what an earlier task left, and leaves what a later one needs. */
export async function sendFile(task: UploadTask, {opened, file}: Sending): Promise<TaskOutcome> {
  const place = recordPlace(task, file.path)
  const recordFile = new RecordFile(task, place)
  try {
    const taken = await takeUp(task, {recordFile, place})
    const earlier = taken && taken.parts.length > 0 ? taken : undefined
    const protocol = earlier ? await protocolOf(task, earlier) : await chooseProtocol(task, file)
    if (!protocol) return await settle(await sendPlain(task, opened), recordFile)
    const walk = new FileWalk(task, {source: file, recordFile, protocol, earlier})
    if (earlier) await assertContinuable(walk, earlier)
    if (walk.parts.length > 0) walk.begin()
    return await settle(await send(walk), recordFile)
  } catch (error) {
    return await leaveUnused(task, {error, recordFile})
  } finally {
    recordFile.release()
  }
}

// What waited on disk goes once it was sent; where the server has taken nothing of it, it waits for another time.
async function settle(outcome: TaskOutcome, recordFile: RecordFile): Promise<TaskOutcome> {
  const {content, path} = recordFile
  if (content !== 'waiting') return outcome
  if (outcome.state === 'failed' && path !== undefined) return {...outcome, resumeData: path}
  if (outcome.state !== 'paused') await recordFile.remove()
  return outcome
}

// What it did not come to use is still there for another time, unless nobody wants it any more.
async function leaveUnused(
  {stopSignal}: UploadTask,
  {error, recordFile}: {error: unknown; recordFile: RecordFile}
): Promise<TaskOutcome> {
  const {content, path} = recordFile
  const reason: unknown = stopSignal.reason
  if (reason === 'cancel' && content === 'waiting') await recordFile.remove()
  if (path === undefined || reason === 'cancel') throw error
  if (reason === 'pause') return {state: 'paused', resumeData: path}
  const failure = reason instanceof TransferError ? reason : error
  if (!(failure instanceof TransferError)) throw failure
  return {state: 'failed', error: failure, resumeData: path}
}

/** Where somebody asked for it, what cannot be continued is sent from zero; the server need not keep the rest. */
async function assertContinuable(walk: FileWalk, earlier: UploadResumeData): Promise<void> {
  const {task, source} = walk
  try {
    await assertSameSource(source, earlier)
  } catch (error) {
    const isChange = error instanceof TransferError && error.code === 'SOURCE_CHANGED'
    if (!isChange || !task.continues || task.options.restarting === 'refuse') throw error
    await walk.takeBack()
    walk.restart('The file has changed')
  }
}

async function send(walk: FileWalk): Promise<TaskOutcome> {
  const {task} = walk
  try {
    return await persist(task, {
      received: () => walk.acknowledged,
      attempt: () => attempt(walk),
      // The server is asked first what it has; without a resource, the whole request would be made again.
      mayRepeat: error => walk.parts.length > 0 || mayRepeat(task.originalRequest.method, error)
    })
  } catch (error) {
    const isWhole = walk.parts.length === 0 && error instanceof TransferError
    return await leave(walk, isWhole ? onceOnly(task, error) : error)
  }
}

/** One step of the protocol and what follows from it; undefined: the next one at once. */
async function attempt(walk: FileWalk): Promise<TaskOutcome | undefined> {
  const {acknowledged, parts} = walk
  const step = await takeStep(walk)
  if (!step) return undefined
  const isFruitless = step.kind === 'more' && walk.acknowledged === acknowledged && walk.parts === parts
  walk.fruitless = isFruitless ? walk.fruitless + 1 : 0
  return act(walk, nextCourse(step, walk.standing))
}

/** undefined: the server has another offset than this side thought; it is asked, once in a row. */
async function takeStep(walk: FileWalk): Promise<UploadStep | undefined> {
  const {protocol, task} = walk
  // What was said so far is not the answer to the upload.
  task.response = undefined
  try {
    const step = await (walk.parts.length === 0 ? protocol.create(walk) : protocol.proceed(walk))
    walk.conflicts = 0
    return step
  } catch (error) {
    // Never two requests with content for one resource: what is under way ends before the next one begins.
    for (const exchange of task.exchanges) exchange.abort()
    walk.offset = undefined
    if (!isConflict(error) || walk.parts.length === 0 || walk.conflicts > 0) throw error
    walk.conflicts += 1
    return undefined
  }
}

async function act(walk: FileWalk, course: Course): Promise<TaskOutcome | undefined> {
  const {task} = walk
  switch (course.kind) {
    case 'again':
      return undefined
    case 'deliver':
      return deliver(walk, course)
    case 'done':
      return finish(walk)
    case 'tus':
      await discardBody(course.answer.exchange)
      walk.protocol = await turnToTus(task)
      return undefined
    case 'restart':
      walk.restart(course.reason)
      return undefined
    case 'fail':
      if (course.resource === 'lost') await walk.forget()
      throw course.error
  }
}

// The target's answer, whatever its status: what the server has is used up (U6).
async function deliver(walk: FileWalk, {answer}: Extract<Course, {kind: 'deliver'}>): Promise<TaskOutcome> {
  const isLast = walk.parts.length > 0
  if (!isLast && walk.protocol.name === 'tus' && answer.response.status >= 400) forgetProtocol(walk.task)
  if (isLast) await walk.forget()
  return deliverAnswer(walk.task, answer).catch((error: unknown) => {
    throw isLast && error instanceof TransferError ? new LastFailure(error) : error
  })
}

async function finish(walk: FileWalk): Promise<TaskOutcome> {
  const {task, source} = walk
  await walk.forget()
  task.countOfBytesSent = source.size
  task.session.progress.finish(task)
  task.response = undefined
  const wasThere = task.resumedFrom === source.size
  return {state: 'completed', ...(wasThere ? {note: 'alreadyComplete' as const} : {})}
}

/** How a walk ends that did not reach the answer: paused and failed ones leave what can be continued. */
async function leave(walk: FileWalk, error: unknown): Promise<TaskOutcome> {
  const {task} = walk
  const reason: unknown = task.stopSignal.reason
  const failure = reason instanceof TransferError ? reason : error
  const state = reason === 'pause' ? 'paused' : 'failed'
  const resumeData = reason === 'cancel' || isUseless(failure) ? undefined : await walk.keep(state)
  if (resumeData === undefined) await walk.takeBack()
  const response = task.response ? {response: task.response} : {}
  if (resumeData === undefined) {
    if (reason === 'pause') return {state: 'cancelled', ...response}
    throw failure
  }
  if (state === 'paused') return {state, ...response, resumeData}
  if (!(failure instanceof TransferError)) throw failure
  return {state, error: failure, ...response, resumeData}
}

// The server has bytes of a file that is no more, or will never take so many.
function isUseless(failure: unknown): boolean {
  return failure instanceof TransferError && ['SOURCE_CHANGED', 'FILE_TOO_LARGE'].includes(failure.code)
}
