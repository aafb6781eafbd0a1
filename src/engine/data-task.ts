import {receiveData} from './data.ts'
import type {DownloadOptions, DownloadTask} from './download-task.ts'
import {Task} from './task.ts'
import type {CacheFetch} from './task-metrics.ts'
import type {StopReason, TaskOptions, TaskOutcome} from './task.ts'
import type {Session} from './session.ts'
import type {URLRequest} from './url-request.ts'

export interface DataOptions extends TaskOptions {
  /**
   * Ask for encoded content and decode it. Default: yes, but for HEAD, for a request with Range or Accept-Encoding of its
   * own, and for a name that is compressed by itself (x.tar.gz).
   */
  readonly decode?: boolean
  /** Fail when the server does not announce the length. */
  readonly requireLength?: boolean
  /**
   * Where the content goes when the delegate answers a response with becomeDownload; without it, that answer fails the
   * task with USAGE. What is not given here is as for the data task, and decode always is.
   */
  readonly download?: DownloadOptions
}

/** Hands a representation to the delegate piece by piece (URLSessionDataTask). Never resumable. */
export class DataTask extends Task {
  readonly kind = 'data'
  override readonly options: DataOptions
  /** @internal For the engine: every use of a stored answer, for the metrics. */
  readonly cacheFetches: CacheFetch[] = []
  /** The task that goes on with the content, once this one has become a download. */
  download: DownloadTask | undefined

  constructor(session: Session, origin: {id: string; request: URLRequest; options: DataOptions}) {
    super(session, origin)
    this.options = origin.options
  }

  /** @internal */
  perform(): Promise<TaskOutcome> {
    return receiveData(this)
  }

  /** @internal After it became a download, the answer is not this task's any more. */
  override stop(reason: StopReason): void {
    if (!this.download) super.stop(reason)
  }
}
