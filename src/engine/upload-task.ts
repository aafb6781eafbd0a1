import {Task} from './task.ts'
import type {TaskOptions, TaskOutcome} from './task.ts'
import type {Session} from './session.ts'
import type {UploadResumeData} from './upload-resume-data.ts'
import type {URLRequest} from './url-request.ts'

/**
 * What an upload sends; it overrides any body that somebody else would give the request (R21). Only a file can be
 * continued after an interruption.
 */
export type UploadSource =
  | {readonly kind: 'file'; readonly path: string; readonly lifetime?: 'user' | 'task'}
  | {readonly kind: 'data'; readonly data: Uint8Array}
  /** multipart/form-data (RFC 7578). */
  | {readonly kind: 'form'; readonly fields: readonly FormField[]}
  /** The delegate's needNewBodyStream gives it; length in bytes where it is known before. */
  | {readonly kind: 'stream'; readonly length?: number}

/** One field of a form. */
export interface FormField {
  readonly name: string
  readonly value:
    | {readonly kind: 'text'; readonly text: string}
    | {readonly kind: 'file'; readonly path: string}
    | {readonly kind: 'data'; readonly data: Uint8Array}
  /** The file name that the server is told; absent = that of the file, none for text. */
  readonly fileName?: string
  /** Content-Type of the field; absent = found by the file's name, none for text. */
  readonly contentType?: string
}

export interface UploadOptions extends TaskOptions {
  /** Absolute path of the folder for resume data; without it, and without resumeDataPath, an upload leaves none. */
  readonly resumeDataFolder?: string
  /** Absolute path of the resume data, instead of a name in the folder. */
  readonly resumeDataPath?: string
  /** never: what an earlier run left is not continued, and nothing is left (--no-resume). Default: automatic. */
  readonly resuming?: 'automatic' | 'never'
  /** refuse: fail with NOT_RESUMABLE instead of sending again from zero (--no-restart). Default: allow. */
  readonly restarting?: 'allow' | 'refuse'
  /** How many upload resources take parts of the file at once, where the server can join them (tus). Default: 1. */
  readonly connections?: number
  /** The collection that the file is put into, where that is not the URL itself: what tus creates uploads at. */
  readonly collection?: URL
  /** Ask for an encoded answer and decode it. Default: as for data tasks. */
  readonly decode?: boolean
  /** Fail with TRANSFER_TRUNCATED when nothing proves where the answer ends. */
  readonly requireLength?: boolean
}

/** What an upload begins with. */
export interface UploadOrigin {
  readonly id: string
  readonly request: URLRequest
  readonly source: UploadSource
  readonly options: UploadOptions
  readonly continues?: UploadResumeData | undefined
}

/** Sends a body and hands the answer's content to the delegate (URLSessionUploadTask). */
export class UploadTask extends Task {
  readonly kind = 'upload'
  override readonly options: UploadOptions
  readonly source: UploadSource
  /** What this task continues from, when it does. */
  readonly continues: UploadResumeData | undefined
  /** Of the body as a whole; undefined as long as, or where, nobody can say. */
  countOfBytesExpectedToSend: number | undefined
  /** The body under way was given to the connection to its end, also where nobody knew its length before. */
  hasSentBody = false
  /** Absolute path of the resume data on disk, while there is some. */
  resumeData: string | undefined
  /** Bytes of the source that an earlier task knew to be sent; what the server has of them it is yet to say. */
  sentBefore: number | undefined
  /** First byte this task had to send, when it continued something. */
  resumedFrom: number | undefined
  /** What was sent before could not be used and the upload began again; why, in a sentence. */
  restarted = false
  restartReason: string | undefined
  /** @internal For the engine: is there resume data that names an upload resource on the server? */
  hasResource = false
  /** @internal For the engine: there while resume data of a resource that was just named is being written. Never rejects. */
  remembering: Promise<void> | undefined

  constructor(session: Session, origin: UploadOrigin) {
    super(session, origin)
    this.options = origin.options
    this.source = origin.source
    this.continues = origin.continues
    this.sentBefore = origin.continues?.prefix.length
  }

  /** Can a pause now produce resume data? Only where the server has named an upload resource for a file (U2). */
  get isResumable(): boolean {
    return this.hasResource
  }

  /** @internal */
  override willSend({method}: URLRequest): void {
    if (method === this.originalRequest.method) this.session.environment.willSendUpload?.(this)
  }

  /** @internal */
  async perform(): Promise<TaskOutcome> {
    // Few runs upload: what is needed for it must not be loaded by the others.
    const {upload} = await import('./upload/upload.ts')
    return upload(this)
  }

  /**
   * Puts an upload of a file that was never started to disk and takes it out of its session: whoever uses the resume data
   * starts it (R18). Resolves to the path of the resume data; rejects with a TransferError and leaves the task suspended.
   */
  async suspendToResumeData(): Promise<string> {
    this.assertNeverStarted()
    const {writeDown} = await import('./upload/suspend.ts')
    const path = await writeDown(this)
    this.session.release(this)
    return path
  }

  /**
   * Pauses: stops sending and leaves resume data. Resolves to its path, or to undefined when the upload cannot be
   * continued; then the task goes on, unless `otherwise` is cancel (R26, U7).
   */
  async cancelByProducingResumeData(
    otherwise: 'continue' | 'cancel' = 'continue'
  ): Promise<string | undefined> {
    // What a server has just promised to keep must not be given up because the disk is slow.
    if (this.remembering) await this.remembering
    if (this.hasEnded) return undefined
    if (!this.isResumable && otherwise === 'continue') return undefined
    this.stop(this.isResumable || this.resumeData !== undefined ? 'pause' : 'cancel')
    const outcome = await this.outcome
    return outcome.resumeData
  }
}
