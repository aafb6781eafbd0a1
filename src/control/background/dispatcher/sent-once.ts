import {
  TransferError,
  UploadTask,
  isRepeatable,
  readResumeData,
  SessionConfiguration
} from '../../../engine/index.ts'
import type {DownloadTask, SessionEnvironment, TaskOutcome} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import {kindOf} from './dispatcher-records.ts'
import type {Journal} from '../journal.ts'
import type {RunningSessions} from './running-sessions.ts'
import {makeTask, resumeDataOf} from './running-start.ts'

/** What is sent, and what a server could be asked about instead of sending it again. */
interface Sending {
  readonly url: string
  readonly method: string
  readonly isResumable: boolean
}

export interface SentOnceOptions {
  readonly journal: Pick<Journal, 'snapshot'>
  readonly sessions: RunningSessions
  readonly environmentOf: (identifier: string) => SessionEnvironment
}

/** Uploads that may do something twice when they are sent twice (RFC 9110, 9.2.2). */
export class SentOnce {
  readonly #options: SentOnceOptions

  constructor(options: SentOnceOptions) {
    this.#options = options
  }

  /** Of a task that ran when its daemon ended: must it not begin again, because the server may have all of it? */
  async holds(row: BackgroundTask): Promise<boolean> {
    if (kindOf(row.submitted.work) !== 'upload') return false
    const sending = await this.#sendingOf(row)
    if (!sending || sending.isResumable || isRepeatable(sending.method)) return false
    const {keys} = this.#options.journal.snapshot(row.snapshot)
    const configuration = SessionConfiguration.background(row.session, keys)
    // Who wants each failure to be tried again has said so.
    return !configuration.keysFor(new URL(sending.url)).retry.allErrors
  }

  /** The end of such a task. Whoever sends it again does so on purpose, and finds it written down. */
  async end(row: BackgroundTask): Promise<TaskOutcome> {
    const resumeData = await writeDown(row, this.#options.sessions).catch(() => undefined)
    const again = resumeData === undefined ? 'start the upload again' : `ferry resume ${row.submitted.id}`
    const error = new TransferError(
      'SEND_FAILED',
      'The background service ended while this was being sent, and it is not known whether the server has it; ' +
        'sent twice, it may count twice',
      {hint: `Ask the server. Where it has nothing, ${again}`}
    )
    return {state: 'failed', error, ...(resumeData === undefined ? {} : {resumeData})}
  }

  // Undefined for what cannot be read: that ends by itself when it is started.
  async #sendingOf(row: BackgroundTask): Promise<Sending | undefined> {
    const {work} = row.submitted
    const path = resumeDataOf(row)
    if (path === undefined)
      return work.kind === 'continue' ? undefined : {...work.request, isResumable: false}
    try {
      const {data} = await readResumeData(path, this.#options.environmentOf(row.session).resumeDataKey?.())
      if (data.kind !== 'upload') return undefined
      return {...data.originalRequest, isResumable: data.parts.length > 0}
    } catch {
      return undefined
    }
  }
}

/** As SentOnce.holds, of a task that still runs. */
export function isSentOnce(task: DownloadTask | UploadTask | undefined): boolean {
  if (!(task instanceof UploadTask) || task.isResumable || task.keys.retry.allErrors) return false
  return task.hasAsked && !isRepeatable(task.originalRequest.method)
}

/** The path of resume data that another task can go on from, or begin with. Rejects with a TransferError. */
export async function writeDown(row: BackgroundTask, sessions: RunningSessions): Promise<string> {
  const found = resumeDataOf(row)
  if (found !== undefined) return found
  const session = sessions.take(row.session, row.snapshot)
  try {
    return await (await makeTask(session, row)).suspendToResumeData()
  } finally {
    sessions.release(session)
    sessions.sweep()
  }
}
