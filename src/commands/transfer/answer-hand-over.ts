import {errorBody} from '../../control/answer-request.ts'
import type {Answer} from '../../control/answer-request.ts'
import {taskUnknown} from '../../control/task-id.ts'
import {
  DownloadTask,
  makeTaskId,
  SessionConfiguration,
  TransferError,
  UploadTask
} from '../../engine/index.ts'
import type {Task} from '../../engine/index.ts'
import {transferName} from '../../ui/transfer-name.ts'
import {openBackground} from './background-desk.ts'
import type {TransferRun} from './run-transfers.ts'
import {snapshotOf} from './snapshot.ts'
import type {Speaker} from './speaker.ts'
import {storedTask} from './stored-task.ts'

/** A task that somebody wants to go on in the background, and the run it belongs to. */
export interface Departure {
  /** Undefined where this process has none of that id, or none any more. */
  readonly task: Task | undefined
  readonly run: TransferRun
  readonly speaker: Speaker
  /** Told of the tasks whose end is not for this process to explain. */
  readonly leaving: Set<Task>
}

type HandedOver = DownloadTask | UploadTask

const identifier = 'background'

/** Hands the task over; answers with the id under which it goes on, or why it stays. */
export async function answerHandOver(id: string, departure: Departure): Promise<Answer> {
  try {
    if (!departure.task) throw taskUnknown(id)
    return {status: 200, body: {id: await handOver(storable(departure.task, departure.run), departure)}}
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    return {status: error.code === 'TASK_UNKNOWN' ? 404 : 409, body: errorBody(error)}
  }
}

// What may fail comes before the pause: until then the task goes on here.
async function handOver(task: HandedOver, {run, speaker, leaving}: Departure): Promise<string> {
  const {session, flags} = run
  const configuration = inBackground(task.session.configuration)
  const snapshot = snapshotOf(configuration, {hooks: session.hooks, onComplete: flags['on-complete']})
  const background = openBackground()
  await background.wake()
  leaving.add(task)
  const resumeData = await task.cancelByProducingResumeData('continue')
  if (resumeData === undefined) {
    leaving.delete(task)
    throw notResumable('The transfer cannot be paused now: it could not be continued', 'ferry cancel')
  }
  const continuation = {
    resumeData,
    restarting: task.options.restarting ?? ('allow' as const),
    headers: task.originalRequest.headers
  }
  const stored = await storedTask(task, {earliestBegin: null, continuation})
  const id = makeTaskId()
  await background.submit({session: identifier, snapshot, tasks: [{...stored, id}]}).catch(stayedPaused(task))
  speaker.note(`${transferName(task)} goes on in the background as ${id}: ferry wait ${id}`)
  return id
}

/** Throws NOT_RESUMABLE for what only this process can do. */
function storable(task: Task, {flags, session}: TransferRun): HandedOver {
  if (!(task instanceof DownloadTask || (task instanceof UploadTask && task.source.kind === 'file')))
    throw notResumable('Only downloads into files and uploads of files go on in the background')
  if (task.options.sign) throw notResumable('The upload is signed for minutes only')
  const {onComplete: _told, ...decisions} = session.hooks
  const own = [flags['on-redirect'], flags['on-challenge'], flags['on-response'], flags['on-cache']]
  if ([...own, ...Object.values(decisions)].some(hook => hook !== undefined))
    throw notResumable('The transfer asks hooks, and nobody asks them in the background')
  return task
}

function notResumable(message: string, otherwise = 'ferry pause, or ferry cancel'): TransferError {
  return new TransferError('NOT_RESUMABLE', message, {
    hint: `It goes on where it is. To stop it: ${otherwise}.`
  })
}

/** Its configuration, as far as background sessions have the same choice. Throws CONFIGURATION_REFUSED. */
function inBackground({keys}: SessionConfiguration): SessionConfiguration {
  return SessionConfiguration.background(identifier, {
    ...keys,
    identifier,
    waitsForConnectivity: true,
    cache: {policy: 'protocol', store: false, memoryBytes: 0, diskBytes: 0}
  })
}

function stayedPaused({id}: HandedOver): (error: unknown) => never {
  return error => {
    if (!(error instanceof TransferError)) throw error
    throw new TransferError(error.code, `The task is paused, but not in the background: ${error.message}`, {
      cause: error,
      hint: `Continue it with: ferry resume ${id}`
    })
  }
}
