import type {Sending} from '../exchange/send.ts'
import type {TusOffer} from '../storage/upload-support-store.ts'
import type {UploadTask} from '../upload-task.ts'
import type {FileSource} from './file-source.ts'

/** What the resources of one upload share. */
export interface TusUpload {
  readonly task: UploadTask
  readonly source: FileSource
  /** What the server can do; it is asked once. */
  readonly offer: (sending?: Sending) => Promise<TusOffer>
  /**
   * Bytes that connections were given of each resource that this task has begun, by its address. Of an older one nobody
   * knows.
   */
  readonly given: Map<string, number>
  /** A resource has learnt its offset from the server. */
  readonly learnt: () => void
  /** A connection has taken bytes. */
  readonly counted: () => void
}
