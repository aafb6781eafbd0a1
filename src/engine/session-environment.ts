import type {DownloadTask} from './download-task.ts'
import type {UploadTask} from './upload-task.ts'
import type {StorePlace} from './storage/stores.ts'

/** A file on its way to its name; the name it gets may differ where that one is taken meanwhile (ifExists: rename). */
export interface PlacedFile {
  readonly path: string
  readonly device: number
  readonly inode: number
  readonly size: number
}

/** What a session may use of the world around it; all of it is optional, and nothing else is read. */
export interface SessionEnvironment {
  /** What people call the session: resume data names it, and what one name stores, no other finds. Default: its kind. */
  readonly name?: string
  /** The user's key for signing resume data, 32 bytes; without one, it stays unsigned and counts as foreign everywhere. */
  readonly resumeDataKey?: () => Uint8Array
  /** Called when resume data was first written for a task, or removed (undefined): for an index of what can be resumed. */
  readonly didUpdateResumeData?: (task: DownloadTask | UploadTask, path: string | undefined) => void
  /**
   * A whole and proved file is about to get its name; it gets it when this has resolved. Whoever writes that down knows
   * after a crash, by the file's identity, whether the download was finished.
   */
  readonly willPlaceFile?: (task: DownloadTask, file: PlacedFile) => Promise<void> | void
  /**
   * An upload's own request is about to leave, on a connection that stands; before each one. Throws where it must not.
   * Whoever writes that down knows after a crash whether a server can have heard of the upload.
   */
  readonly willSendUpload?: (task: UploadTask) => void
  /**
   * What becomes of the copy that was made for an upload alone, when that has ended with nothing to go on from. left: whoever
   * started it removes the copy, as soon as the end cannot be lost any more. Default: removed.
   */
  readonly copies?: 'removed' | 'left'
  /** What new files may be, such as 0o644. Default: what the umask of this process leaves of 0o666. */
  readonly newFileMode?: number
  /**
   * Where cookies, credentials, answers and hosts that insist on TLS are kept between runs; without it, and in an
   * ephemeral session, in memory.
   */
  readonly stores?: StorePlace
}
