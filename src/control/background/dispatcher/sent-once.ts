import {TransferError, isRepeatable, readResumeData} from '../../../engine/index.ts'
import type {SessionEnvironment, TaskOutcome, UploadTask} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import type {RunningSessions} from './running-sessions.ts'
import {makeTask, resumeDataOf} from './running-start.ts'

export interface SentOnceOptions {
  readonly sessions: RunningSessions
  readonly environmentOf: (identifier: string) => SessionEnvironment
}

/** Uploads that may do something twice when they are sent twice (RFC 9110, 9.2.2), and of which something has left. */
export class SentOnce {
  readonly #options: SentOnceOptions

  constructor(options: SentOnceOptions) {
    this.#options = options
  }

  /** Of a task that ran when its daemon ended: must it not begin again, because the server may have all of it? */
  async holds(row: BackgroundTask): Promise<boolean> {
    return row.sent && !(await this.#knowsResource(row))
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

  /** Can the server be asked what it has, instead of sending it again? */
  async #knowsResource(row: BackgroundTask): Promise<boolean> {
    const path = resumeDataOf(row)
    if (path === undefined) return false
    const key = this.#options.environmentOf(row.session).resumeDataKey?.()
    const read = await readResumeData(path, key).catch(() => undefined)
    return read?.data.kind === 'upload' && read.data.parts.length > 0
  }
}

/** Does it do nothing twice when it is sent twice? Who wants each failure to be tried again has said so. */
export function mayBeSentAgain({originalRequest, keys}: UploadTask): boolean {
  return isRepeatable(originalRequest.method) || keys.retry.allErrors
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
