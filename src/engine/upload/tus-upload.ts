import type {Sending} from '../exchange/send.ts'
import type {UploadTask} from '../upload-task.ts'
import type {FileSource} from './file-source.ts'
import type {TusOffer} from './tus-offer.ts'

/** What the resources of one upload share. */
export interface TusUpload {
  readonly task: UploadTask
  readonly source: FileSource
  /** What the server can do; it is asked once. */
  readonly offer: (sending?: Sending) => Promise<TusOffer>
  /** A resource has learnt its offset from the server. */
  readonly learnt: () => void
  /** A connection has taken bytes. */
  readonly counted: () => void
}
