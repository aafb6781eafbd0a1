import type {RequestBody} from '../request-body.ts'
import type {UploadTask} from '../upload-task.ts'

/** A stretch of the source; without length: up to its end. */
export interface Stretch {
  readonly first: number
  readonly length?: number
}

/** The file that an upload sends, as it was when the upload began. */
export interface FileSource {
  readonly path: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly device: number
  readonly inode: number
  /**
   * A stretch as the body of a request. Its readings count task.countOfBytesSent from the stretch's first byte on, keep
   * to the session's rate, and fail with SOURCE_CHANGED before the last byte of a file that is not what it was.
   */
  body(stretch: Stretch): RequestBody
  /** SHA-256 of the first so many bytes, in hexadecimal. Rejects with READ_FAILED or SOURCE_CHANGED. */
  prefixDigest(length: number): Promise<string>
  /** Throws SOURCE_CHANGED where the file is not what it was. */
  assertUnchanged(): Promise<void>
  close(): void
}

/** Looks at the file. Rejects with READ_FAILED: missing, a folder, not for us. */
export type OpenFileSource = (task: UploadTask, path: string) => Promise<FileSource>
