import type {InteropVersion} from '../configuration-keys.ts'
import type {Answer} from '../exchange/follow.ts'
import type {UploadPart} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import type {FileSource} from './file-source.ts'

/** A way to send a file so that it can be continued. One object serves one task. */
export interface UploadProtocol {
  readonly name: 'tus' | 'ietf'
  /** Of the draft; undefined for tus. */
  readonly interopVersion: InteropVersion | undefined
  /**
   * Asks the server for an upload resource, and may send content at once. As soon as the resource is known, and before
   * anything else, it calls walk.remember(). Rejects with a TransferError; where remember() was called before, the next
   * step is proceed().
   */
  create(walk: UploadWalk): Promise<UploadStep>
  /**
   * One step towards the end of a known resource: learns its offset where walk.offset is undefined, then sends what is
   * missing, as far as one request may carry it. Never two requests with content at once for one resource.
   */
  proceed(walk: UploadWalk): Promise<UploadStep>
  /** Tells the server to forget the upload (DELETE). Never rejects: who cancels has nobody left to tell. */
  cancel(walk: Pick<UploadWalk, 'task' | 'parts'>): Promise<void>
}

/**
 * answered: the server has everything, or has said its last word; the answer's body still waits (undefined: there was
 * none to wait for, the server had everything already). more: there is more to send. gone: the server does not know the
 * resource any more (404, 410, expired).
 */
export type UploadStep =
  | {readonly kind: 'answered'; readonly answer: Answer | undefined}
  | {readonly kind: 'more'}
  | {readonly kind: 'gone'; readonly reason: string}

/** What the walk of one upload and its protocol share. */
export interface UploadWalk {
  readonly task: UploadTask
  readonly source: FileSource
  /** Upload resources that the server has named; one, unless parts go their own ways. Empty before. */
  readonly parts: readonly UploadPart[]
  /** Bytes of the source that the server is known to have; undefined = it has to be asked. */
  offset: number | undefined
  /** Milliseconds since the epoch after which the server may have forgotten the upload. */
  expires: number | undefined
  /** Writes the resources down, flushed, before anything else is sent (U2). Throws WRITE_FAILED or NO_SPACE. */
  remember(parts: readonly UploadPart[]): Promise<void>
  /** The server has said that it has so many bytes of the source: they need not be sent again. */
  acknowledge(offset: number): void
}
