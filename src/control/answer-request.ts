import type {ServerResponse} from 'node:http'
import {TransferError} from '../engine/index.ts'
import {sessionVerb} from './answer-session-request.ts'
import {endLines} from './end-lines.ts'
import {checked} from './request-body.ts'
import type {SessionRoll} from './session-roll.ts'
import {taskUnknown} from './task-id.ts'
import type {ControllableTask, EndedTask, TaskRecord} from './task-record.ts'
import {listedTask} from './task-roll.ts'
import type {RolledTask, TaskRoll} from './task-roll.ts'

/** A request, read. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly body: unknown
}

export interface Answer {
  readonly status: number
  readonly body: object
}

/** An answer whose body comes in pieces, each when it is there and there is room for it. */
export interface LongAnswer {
  readonly status: number
  readonly pieces: Iterable<string> | AsyncIterable<string>
}

/** An answer that goes on as long as somebody listens. */
export interface OpenAnswer {
  /** Writes it, from the head on. */
  readonly open: (response: ServerResponse) => void
  /** Nobody can be told any more. */
  readonly end: () => void
}

export interface Answering {
  readonly roll: Pick<TaskRoll, 'find' | 'list'> & {
    /** What list() has, in JSON, comma by comma, some at a time: where there may be thousands. */
    readonly texts?: (which: 'active' | 'resumable' | 'all') => Iterable<string>
  }
  readonly sessions: Pick<SessionRoll, 'named'>
  readonly settled?: () => Promise<void>
  /** Verbs that only this process has; undefined for any other. */
  readonly ownVerb?: (asked: Asked) => Promise<Answer | OpenAnswer> | undefined
  /** Is this the background service? Its tasks are those of the journal. */
  readonly keeper?: 'daemon'
}

/** Acts on one request. Nothing is taken for a verb that is not one. */
export async function answerRequest(
  asked: Asked,
  answering: Answering
): Promise<Answer | LongAnswer | OpenAnswer> {
  const own = answering.ownVerb?.(asked)
  if (own) return own
  const [path = '', query = ''] = asked.url.split('?')
  if (asked.method === 'GET' && path === '/tasks') return listTasks(query, answering)
  if (asked.method === 'POST' && path === '/pause') return pauseMany(asked.body, answering)
  if (asked.method === 'POST' && path === '/tasks/wait') return wait(asked.body, answering)
  const toSession = asked.method === 'POST' ? sessionVerb(path) : undefined
  if (toSession) return toSession(asked.body, answering)
  const [, id = '', verb = ''] = /^\/tasks\/([A-Za-z0-9_-]{1,64})\/([a-z]+)$/.exec(path) ?? []
  const act = verbs[`${asked.method} ${verb}`]
  if (!act) return failed(404, new TransferError('USAGE', 'There is no such request'))
  const rolled = answering.roll.find(id)
  if (!rolled) return failed(404, taskUnknown(id))
  return act(rolled, asked.body, answering)
}

type Verb = (rolled: RolledTask, body: unknown, answering: Answering) => Promise<Answer>

const verbs: Readonly<Record<string, Verb>> = {
  'POST pause': pause,
  'POST resume': resume,
  'POST cancel': cancel
}

function listTasks(query: string, answering: Answering): LongAnswer {
  const which = query === 'all' || query === 'resumable' ? query : 'active'
  return {status: 200, pieces: listPieces(which, answering)}
}

// What is made for one page is gone when the next one is made.
function* listPieces(
  which: 'active' | 'resumable' | 'all',
  {roll, keeper}: Answering
): Generator<string, void, undefined> {
  yield '{"tasks":['
  let separator = ''
  for (const page of roll.texts?.(which) ?? textsOf(roll.list(which))) {
    yield separator + page
    separator = ','
  }
  yield keeper ? `],"keeper":${JSON.stringify(keeper)}}` : ']}'
}

function textsOf(tasks: readonly RolledTask[]): readonly string[] {
  return tasks.map(rolled => JSON.stringify(listedTask(rolled)))
}

async function pause(rolled: RolledTask, body: unknown, answering: Answering): Promise<Answer> {
  const {pauseBody} = await import('./schemas.ts')
  const {discard, hold} = await checked(pauseBody, body)
  if (hold) return holdTask(rolled, {otherwise: discard ? 'cancel' : 'continue', answering})
  const {record, error} = await stop(rolled, {otherwise: discard ? 'cancel' : 'continue', answering})
  return error ? failed(409, error, record) : {status: 200, body: {record}}
}

/** Stops the task without an end (T12). */
async function holdTask(
  rolled: RolledTask,
  {otherwise, answering}: {otherwise: 'continue' | 'cancel'; answering: Answering}
): Promise<Answer> {
  const {task} = rolled
  const record = rolled.record()
  if (rolled.ended)
    return failed(409, notResumable(`Task ${task.id} has ended: it is ${record.state}`), record)
  if (!task.hold) {
    const hint = `Only tasks of background sessions can be held. Pause it: ferry pause ${task.id}`
    return failed(409, notResumable(`Task ${task.id} belongs to the command that runs it`, hint), record)
  }
  const refusal = await refusalOf(() => task.hold?.(otherwise))
  return refusal ? failed(409, refusal, record) : recordNow(rolled, answering)
}

/** Lets a held task go on. */
async function resume(rolled: RolledTask, body: unknown, answering: Answering): Promise<Answer> {
  const {noBody} = await import('./schemas.ts')
  await checked(noBody, body)
  const {task} = rolled
  const refusal = task.release
    ? await refusalOf(() => task.release?.())
    : new TransferError('BUSY', `Task ${task.id} is not held: only tasks of background sessions can be`)
  return refusal ? failed(409, refusal, rolled.record()) : recordNow(rolled, answering)
}

async function refusalOf(act: () => void | Promise<void>): Promise<TransferError | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof TransferError) return error
    throw error
  }
}

function recordNow(rolled: RolledTask, {roll}: Answering): Answer {
  return {status: 200, body: {record: (roll.find(rolled.task.id) ?? rolled).record()}}
}

async function cancel(rolled: RolledTask, body: unknown, answering: Answering): Promise<Answer> {
  const {noBody} = await import('./schemas.ts')
  await checked(noBody, body)
  await rolled.task.cancel()
  const {record} = await ended(rolled, answering)
  return {status: 200, body: {record}}
}

async function wait(body: unknown, answering: Answering): Promise<LongAnswer> {
  const {waitBody} = await import('./schemas.ts')
  const {ids} = await checked(waitBody, body)
  const known = ids.flatMap(id => answering.roll.find(id) ?? [])
  return {status: 200, pieces: endLines(known.map(rolled => ended(rolled, answering)))}
}

async function pauseMany(body: unknown, answering: Answering): Promise<Answer> {
  const {pauseManyBody} = await import('./schemas.ts')
  const which = await checked(pauseManyBody, body)
  const chosen = answering.roll
    .list('active')
    .filter(rolled => 'all' in which || rolled.record().session === which.session)
    // A person has stopped what is held, without an end.
    .filter(rolled => answering.keeper !== 'daemon' || rolled.record().state !== 'suspended')
  const tasks = await Promise.all(
    chosen.map(async rolled => {
      const {record, error} = await stop(rolled, {otherwise: 'continue', answering})
      return {id: rolled.task.id, record, ...(error && errorBody(error))}
    })
  )
  return {status: 200, body: {tasks}}
}

interface Stopped {
  readonly record: TaskRecord
  /** Why it is not what was asked for. */
  readonly error?: TransferError
}

/** One pause; those that arrive while it is being done share its success. */
async function stop(
  rolled: RolledTask,
  {otherwise, answering}: {otherwise: 'continue' | 'cancel'; answering: Answering}
): Promise<Stopped> {
  const {task} = rolled
  const asTold = task.hasEnded ? [] : otherwise === 'cancel' ? ['paused', 'cancelled'] : ['paused']
  await requestStop(task, otherwise)
  if (!task.hasEnded && !task.stopSignal.aborted) {
    const record = rolled.record()
    const reason = record.kind === 'upload' ? `: ${whyNotResumable(record)}` : ''
    const hint = 'It goes on. To end it anyway: ferry cancel, or ferry pause --discard.'
    return {record, error: notResumable(`Task ${task.id} cannot be resumed later${reason}`, hint)}
  }
  const {record} = await ended(rolled, answering)
  if (asTold.includes(record.state)) return {record}
  return {record, error: notResumable(`Task ${task.id} has ended: it is ${record.state}`)}
}

function whyNotResumable({source}: TaskRecord): string {
  return source === '-' || !source
    ? 'of uploads, only those of files can'
    : 'the server has not offered to continue this upload'
}

async function requestStop(task: ControllableTask, otherwise: 'continue' | 'cancel'): Promise<void> {
  if (task.hasEnded || task.stopSignal.aborted) return
  if (task.cancelByProducingResumeData) await task.cancelByProducingResumeData(otherwise)
  else if (otherwise === 'cancel') await task.cancel()
}

/** How it ended, once it has and the index knows. A data task may end by becoming a download of the same id. */
async function ended(rolled: RolledTask, answering: Answering): Promise<EndedTask> {
  await rolled.task.outcome
  await answering.settled?.()
  const now = answering.roll.find(rolled.task.id)
  if (!now) throw taskUnknown(rolled.task.id)
  return now.end() ?? ended(now, answering)
}

function notResumable(message: string, hint?: string): TransferError {
  return new TransferError('NOT_RESUMABLE', message, hint === undefined ? {} : {hint})
}

function failed(status: number, error: TransferError, record?: TaskRecord): Answer {
  return {status, body: {...errorBody(error), ...(record && {record})}}
}

/** An error as it travels. */
export function errorBody(error: TransferError): {error: {code: string; message: string; hint?: string}} {
  const {code, message, hint} = error
  return {error: {code, message, ...(hint !== undefined && {hint})}}
}
