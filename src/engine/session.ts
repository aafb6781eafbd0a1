import {DataTask} from './data-task.ts'
import type {DataOptions} from './data-task.ts'
import {DownloadTask} from './download-task.ts'
import type {DownloadOptions} from './download-task.ts'
import type {SessionConfiguration} from './session-configuration.ts'
import type {SessionDelegate} from './session-delegate.ts'
import type {StopReason, Task} from './task.ts'
import type {URLRequest} from './url-request.ts'

/** What a session may use of the world around it; the engine reads no environment of its own. */
export interface SessionEnvironment {
  /** The user's key for signing resume data; without one, it stays unsigned and counts as foreign everywhere. */
  readonly resumeDataKey?: () => Uint8Array
  /** Called each time resume data was written or removed, with its path (for an index of what can be resumed). */
  readonly didUpdateResumeData?: (task: DownloadTask, path: string | undefined) => void
}

/** A container and factory for tasks that share a configuration (URLSession). */
export declare class Session {
  readonly configuration: SessionConfiguration
  readonly delegate: SessionDelegate
  readonly environment: SessionEnvironment
  constructor(
    configuration: SessionConfiguration,
    delegate?: SessionDelegate,
    environment?: SessionEnvironment
  )
  /** Tasks that have not ended. */
  get tasks(): readonly Task[]
  dataTask(request: URLRequest, options?: DataOptions): DataTask
  downloadTask(request: URLRequest, options: DownloadOptions): DownloadTask
  /**
   * Claims the resume data and makes a new task that continues it (R27, R28). Rejects with RESUME_DATA_INVALID,
   * NOT_RESUMABLE or BUSY, and then leaves everything as it was.
   */
  downloadTaskWithResumeData(path: string, options?: ResumeOptions): Promise<DownloadTask>
  /** No new tasks; running ones end by themselves; resolves after didBecomeInvalidWithError (R59). */
  finishTasksAndInvalidate(): Promise<void>
  /** As above, and cancels what runs (R60). */
  invalidateAndCancel(): Promise<void>
  schedule(task: Task): void
  endUnstarted(task: Task, reason: StopReason): void
}

export interface ResumeOptions {
  /** Continue from another address with the same content (an expired link renewed). */
  readonly url?: URL
  /** Headers to send beside the stored ones: resume data holds no secrets. */
  readonly headers?: URLRequest['headers']
  /** Accept resume data that this user's key did not sign. Default: refuse. */
  readonly trust?: boolean
  /** Start from zero where it cannot be continued. */
  readonly restart?: boolean
  /** What to change of the stored destination and checks. */
  readonly options?: Partial<DownloadOptions>
}
