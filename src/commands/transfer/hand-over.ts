import {errorBody} from '../../control/answer-request.ts'
import type {Answer, Asked} from '../../control/answer-request.ts'
import {taskUnknown} from '../../control/task-id.ts'
import {
  DownloadTask,
  makeTaskId,
  SessionConfiguration,
  TransferError,
  UploadTask
} from '../../engine/index.ts'
import type {SessionDelegate, Task} from '../../engine/index.ts'
import {transferName} from '../../ui/transfer-name.ts'
import {openBackground} from './background-desk.ts'
import type {TransferRun} from './run-transfers.ts'
import {snapshotOf} from './snapshot.ts'
import type {Speaker} from './speaker.ts'
import {storedTask} from './stored-task.ts'

type HandedOver = DownloadTask | UploadTask

const identifier = 'background'

/** Lets the background service go on with tasks of this process, as this process is configured (`pause --to-background`). */
export class HandOver {
  readonly delegate: SessionDelegate = {
    didCreateTask: task => void this.#tasks.set(task.id, task),
    didCompleteWithError: task => void this.#tasks.delete(task.id)
  }
  readonly #run: TransferRun
  readonly #speaker: Speaker
  readonly #tasks = new Map<string, Task>()
  readonly #leaving: Set<Task>
  readonly #underWay = new Set<Promise<unknown>>()

  /** leaving: is told of the tasks whose end is not for this process to explain. */
  constructor(run: TransferRun, {speaker, leaving}: {speaker: Speaker; leaving: Set<Task>}) {
    this.#run = run
    this.#speaker = speaker
    this.#leaving = leaving
  }

  /** Answers POST /tasks/ID/hand-over with the id of the task that goes on. */
  readonly verb = (asked: Asked): Promise<Answer> | undefined => {
    const [, id] = /^\/tasks\/([A-Za-z0-9_-]{1,64})\/hand-over$/.exec(asked.url) ?? []
    if (asked.method !== 'POST' || id === undefined) return undefined
    const answer: Promise<Answer> = this.#answer(id).finally(() => this.#underWay.delete(answer))
    this.#underWay.add(answer)
    return answer
  }

  /** Resolves when nothing is being handed over. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #answer(id: string): Promise<Answer> {
    try {
      const task = this.#tasks.get(id)
      if (!task) throw taskUnknown(id)
      return {status: 200, body: {id: await this.#handOver(storable(task, this.#run))}}
    } catch (error) {
      if (!(error instanceof TransferError)) throw error
      return {status: error.code === 'TASK_UNKNOWN' ? 404 : 409, body: errorBody(error)}
    }
  }

  // What may fail comes before the pause: until then the task goes on here.
  async #handOver(task: HandedOver): Promise<string> {
    const {session, flags} = this.#run
    const configuration = inBackground(task.session.configuration)
    const snapshot = snapshotOf(configuration, {hooks: session.hooks, onComplete: flags['on-complete']})
    const background = openBackground()
    await background.wake()
    this.#leaving.add(task)
    const resumeData = await task.cancelByProducingResumeData('continue')
    if (resumeData === undefined) {
      this.#leaving.delete(task)
      throw notResumable('The transfer cannot be paused now: it could not be continued', 'ferry cancel')
    }
    const continuation = {
      resumeData,
      restarting: task.options.restarting ?? ('allow' as const),
      headers: task.originalRequest.headers
    }
    const stored = await storedTask(task, {earliestBegin: null, continuation})
    const id = makeTaskId()
    await background
      .submit({session: identifier, snapshot, tasks: [{...stored, id}]})
      .catch(stayedPaused(task))
    this.#speaker.note(`${transferName(task)} goes on in the background as ${id}: ferry wait ${id}`)
    return id
  }
}

/** Throws NOT_RESUMABLE for what only this process can do. */
function storable(task: Task | undefined, {flags, session}: TransferRun): HandedOver {
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
