import {rmSync} from 'node:fs'
import {UploadTask, cancelUpload, discardResumeData, sweepTarget} from '../../../engine/index.ts'
import type {SessionEnvironment, Task} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import {kindOf} from './dispatcher-records.ts'
import type {RunningSessions} from './running-sessions.ts'
import {resumeDataOf} from './running-start.ts'

export interface RemainsOptions {
  readonly sessions: RunningSessions
  readonly environmentOf: (identifier: string) => SessionEnvironment
}

/** What tasks leave on disk that were ended for good. */
export class TaskRemains {
  readonly #options: RemainsOptions

  constructor(options: RemainsOptions) {
    this.#options = options
  }

  /**
   * Removes what a task that does not run has on disk; the server of an upload is asked to forget it. Rejects with
   * RESUME_DATA_INVALID or BUSY, and then nothing is removed.
   */
  async discardAll(row: BackgroundTask): Promise<void> {
    const resumeData = resumeDataOf(row)
    if (resumeData !== undefined) return this.discard(row, resumeData)
    const {path} = row.record
    if (kindOf(row.submitted.work) === 'download' && path !== null) await sweepTarget(path)
  }

  /** Removes the copy that was made for an upload alone, which has ended with nothing to go on from. */
  discardCopy(row: BackgroundTask, task?: Task): void {
    // Somebody else may be at it.
    if (resumeDataOf(row) !== undefined) return
    const {work} = row.submitted
    const source = task instanceof UploadTask ? task.source : work.kind === 'upload' ? work.source : undefined
    if (source && 'path' in source && source.lifetime === 'task') rmSync(source.path, {force: true})
  }

  /** As discardAll, of this resume data. */
  async discard({session, snapshot, submitted}: BackgroundTask, resumeData: string): Promise<void> {
    const {sessions, environmentOf} = this.#options
    if (kindOf(submitted.work) === 'download') {
      return discardResumeData(resumeData, environmentOf(session).resumeDataKey?.())
    }
    const own = sessions.take(session, snapshot)
    try {
      await cancelUpload(own, resumeData)
    } finally {
      sessions.release(own)
      sessions.sweep()
    }
  }
}
