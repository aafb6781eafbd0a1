import type {DownloadTask} from './download-task.ts'
import type {StorePlace} from './storage/stores.ts'

/** What a session may use of the world around it; the engine reads no environment of its own. */
export interface SessionEnvironment {
  /** What people call the session; resume data names it. Default: its kind. */
  readonly name?: string
  /** The user's key for signing resume data; without one, it stays unsigned and counts as foreign everywhere. */
  readonly resumeDataKey?: () => Uint8Array
  /** Called when resume data was first written for a task, or removed (undefined): for an index of what can be resumed. */
  readonly didUpdateResumeData?: (task: DownloadTask, path: string | undefined) => void
  /** Where cookies, credentials and answers are kept between runs; without it, in memory. */
  readonly stores?: StorePlace
}
