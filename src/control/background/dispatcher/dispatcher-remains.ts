import {statSync, unlinkSync} from 'node:fs'
import {cancelUpload, discardResumeData, sweepTarget} from '../../../engine/index.ts'
import type {SessionEnvironment} from '../../../engine/index.ts'
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
  discardCopy({submitted: {work}}: BackgroundTask): void {
    if (work.kind !== 'upload' || work.source.lifetime !== 'task') return
    const {path, device, inode} = work.source
    try {
      const {dev, ino} = statSync(path)
      if (dev === device && ino === inode) unlinkSync(path)
    } catch {
      // The upload itself has removed it.
    }
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
