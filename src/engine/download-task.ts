import type {Checksum} from './download/checksum.ts'
import {download} from './download/download.ts'
import {writeDown} from './download/suspend.ts'
import type {Answer} from './exchange/follow.ts'
import type {DownloadResumeData} from './download-resume-data.ts'
import {Task} from './task.ts'
import type {TaskOptions, TaskOutcome} from './task.ts'
import type {Session} from './session.ts'
import type {URLRequest} from './url-request.ts'

export type IfExists = 'fail' | 'replace' | 'rename' | 'skip' | 'verify'

/** Where a download goes and what has to hold before it may be there. */
export interface DownloadOptions extends TaskOptions {
  /** Absolute path of the folder. */
  readonly directory: string
  /** The name the user chose; absent = from the server or the URL, made safe. */
  readonly fileName?: string
  /** May the server's Content-Disposition name the file? Default: yes. Only without fileName. */
  readonly remoteHeaderName?: boolean
  /** Default: replace for a chosen name, fail for a found one. */
  readonly ifExists?: IfExists
  /** Make the folder, and those above it, where they are missing. Default: no. */
  readonly createDirectories?: boolean
  /** Give the file the server's Last-Modified. Default: no. */
  readonly remoteTime?: boolean
  /** All of them must hold before the file gets its name. */
  readonly checksums?: readonly Checksum[]
  /** Fail when the server does not announce the length. */
  readonly requireLength?: boolean
  /** never: a partial file of before is not looked at and none is left (--no-resume). Default: automatic. */
  readonly resuming?: 'automatic' | 'never'
  /** refuse: exit 33 instead of starting again from zero (--no-restart). Default: allow. */
  readonly restarting?: 'allow' | 'refuse'
  /** Decode Content-Encoding while writing (--compressed): such a download cannot be resumed. */
  readonly decode?: boolean
  /** commit: flush file and folder before success. never: leave it to the system. Default: commit. */
  readonly flush?: 'commit' | 'never'
  /** Where an ephemeral session may write resume data; without it, none is written. */
  readonly resumeDataPath?: string
}

/** What a download begins with. */
export interface DownloadOrigin {
  readonly id: string
  readonly request: URLRequest
  readonly options: DownloadOptions
  readonly continues?: DownloadResumeData | undefined
  /** An answer to the request that is open already. */
  readonly answer?: Answer
}

/** Puts a representation into a file (URLSessionDownloadTask). */
export class DownloadTask extends Task {
  readonly kind = 'download'
  override readonly options: DownloadOptions
  /** What this task continues from, when it does. */
  readonly continues: DownloadResumeData | undefined
  /** The final path; known from the response's head on. */
  path: string | undefined
  /** Path of the resume data on disk, while there is some. */
  resumeData: string | undefined
  /** First byte this task had to ask for, when it continued something. */
  resumedFrom: number | undefined
  /** The content of before could not be used and the download began again. */
  restarted = false
  /** Why that was so, in a sentence. */
  restartReason: string | undefined
  /** "algorithm:hex" of the finished file, where a checksum was asked for. */
  checksum: string | undefined
  /** @internal For the engine: the download on disk, while there is one. */
  draft: {readonly isResumable: boolean} | undefined
  #answer: Answer | undefined

  constructor(session: Session, origin: DownloadOrigin) {
    super(session, origin)
    this.options = origin.options
    this.continues = origin.continues
    this.#answer = origin.answer
  }

  /** Can a pause now produce resume data? */
  get isResumable(): boolean {
    return this.draft?.isResumable ?? false
  }

  /** @internal */
  perform(): Promise<TaskOutcome> {
    return download(this)
  }

  /** @internal For the engine: the answer this task began with, once; its body is the taker's to receive or to throw away. */
  takeAnswer(): Answer | undefined {
    const answer = this.#answer
    this.#answer = undefined
    return answer
  }

  /**
   * Puts a task that was never started to disk and takes it out of its session: whoever uses the resume data starts it
   * (R18). Resolves to the path of the resume data; rejects with a TransferError and leaves the task suspended.
   */
  async suspendToResumeData(): Promise<string> {
    this.assertNeverStarted()
    const path = await writeDown(this)
    this.session.release(this)
    return path
  }

  /**
   * Pauses: stops the transfer and leaves resume data beside the partial file. Resolves to its path, or to undefined
   * when the download cannot be continued; then the task goes on, unless `otherwise` is cancel (R25, R26).
   */
  async cancelByProducingResumeData(
    otherwise: 'continue' | 'cancel' = 'continue'
  ): Promise<string | undefined> {
    if (this.hasEnded) return undefined
    if (!this.isResumable && otherwise === 'continue') return undefined
    this.stop(this.isResumable ? 'pause' : 'cancel')
    const outcome = await this.outcome
    return outcome.resumeData
  }
}
