import type {AuthenticationChallenge, ChallengeDecision} from './authentication-challenge.ts'
import type {DataTask} from './data-task.ts'
import type {DownloadTask} from './download-task.ts'
import type {NewBodyReason} from './request-body.ts'
import type {Session} from './session.ts'
import type {Task} from './task.ts'
import type {TaskMetrics} from './task-metrics.ts'
import type {TransferError} from './transfer-error.ts'
import type {UploadTask} from './upload-task.ts'
import type {URLRequest, URLResponse} from './url-request.ts'

/** memory: for this process only. */
export type CacheDecision = 'store' | 'memory' | 'deny'

export type ResponseDisposition = 'allow' | 'cancel' | 'becomeDownload'

export interface CacheProposal {
  readonly response: URLResponse
  /** Bytes of the body, decoded no further than it came. */
  readonly size: number
}

export interface Redirection {
  readonly response: URLResponse
  /** What the engine would ask next if nobody objects. */
  readonly request: URLRequest
}

export interface Waiting {
  readonly reason: 'connectivity' | 'retry' | 'slot'
  /** Milliseconds until the next attempt; 0 when it depends on something else. */
  readonly delay: number
  /** Why the attempt before failed, when one did. */
  readonly error?: TransferError
}

export interface Resumption {
  /** First byte that is still asked for; 0 when nothing could be reused. */
  readonly offset: number
  readonly expectedTotalBytes: number | undefined
  /** Why the content continues, or why it had to start again. */
  readonly reason: string
}

export interface WriteProgress {
  /** Since the last notice. */
  readonly bytesWritten: number
  readonly totalBytesWritten: number
  readonly totalBytesExpectedToWrite: number | undefined
}

export interface SendProgress {
  /** Since the last notice. */
  readonly bytesSent: number
  /** Accepted by the connection, of the body as a whole; never falls. */
  readonly totalBytesSent: number
  readonly totalBytesExpectedToSend: number | undefined
}

/**
 * NSURLSession's delegate: decisions (may be asynchronous, the task waits for them) and notices.
 * For one task: didCreate < didStart < (isWaiting | willPerformRedirection | didReceiveChallenge | didNeedNewBody | didSendBodyData)* < didReceiveResponse < didBecomeDownload
 * < didResumeAtOffset < didWriteData* < didFinishDownloading < didFinishCollectingMetrics < didComplete, which comes
 * exactly once for every started task and last; didBecomeInvalid is the last call of all (R50, R55). For an upload,
 * didResumeAtOffset comes before the first didSendBodyData: content goes out before a response comes in.
 */
export interface SessionDelegate {
  didCreateTask?(task: Task): void
  didStartTask?(task: Task, attempt: number): void
  taskIsWaiting?(task: Task, waiting: Waiting): void
  /** The connection was lost after the response had come and will be made again; outside the order above. */
  taskWillReconnect?(task: Task, waiting: Waiting): void
  /** Answer the request to follow, another one, or undefined to take the 3xx itself as the result (R37). */
  willPerformRedirection?(
    task: Task,
    redirection: Redirection
  ): Promise<URLRequest | undefined> | URLRequest | undefined
  /** Told about every redirection once its decision is known. */
  didDecideRedirection?(task: Task, redirection: Redirection & {readonly decision: 'follow' | 'deny'}): void
  /** A challenge for the session as a whole; without this method it goes to didReceiveChallenge (R33). */
  didReceiveSessionChallenge?(
    task: Task,
    challenge: AuthenticationChallenge
  ): Promise<ChallengeDecision> | ChallengeDecision
  /** A challenge for one task; may be asked again with a higher previousFailureCount (R34). */
  didReceiveChallenge?(
    task: Task,
    challenge: AuthenticationChallenge
  ): Promise<ChallengeDecision> | ChallengeDecision
  /** Told about every challenge once it is known what comes of it. */
  didDecideChallenge?(
    task: Task,
    challenge: AuthenticationChallenge & {readonly disposition: ChallengeDecision['disposition']}
  ): void
  /** Whole answers of data tasks only, and only those that may be stored at all (R48). */
  willCacheResponse?(task: DataTask, proposal: CacheProposal): Promise<CacheDecision> | CacheDecision
  /** Told about every answer that could be stored once its decision is known. */
  didDecideCaching?(task: DataTask, proposal: CacheProposal & {readonly decision: CacheDecision}): void
  /** becomeDownload is for data tasks that have a place for a file (DataOptions.download); a download takes it as allow. */
  didReceiveResponse?(task: Task, response: URLResponse): Promise<ResponseDisposition> | ResponseDisposition
  /**
   * The content goes into a file from here on. The download is a task of its own, created just before this call; of the
   * data task only its metrics and its completion follow, without an error, before the download starts (R42).
   */
  didBecomeDownload?(task: DataTask, download: DownloadTask): void
  didResumeAtOffset?(task: DownloadTask | UploadTask, resumption: Resumption): void
  /**
   * An upload task without a body of its own asks for a stream, from the first byte (R36, R43). Undefined: there is none
   * (any more), and the task fails with READ_FAILED.
   */
  needNewBodyStream?(
    task: UploadTask,
    reason: NewBodyReason
  ): Promise<AsyncIterable<Uint8Array> | undefined> | AsyncIterable<Uint8Array> | undefined
  /** A body is read from its beginning: of a stream always, of anything else when it has to be sent again. */
  didNeedNewBody?(task: UploadTask, reason: NewBodyReason): void
  /** At most ten times a second, and once with the final count (R44). */
  didSendBodyData?(task: UploadTask, progress: SendProgress): void
  /** At most ten times a second, and once with the final count. */
  didWriteData?(task: Task, progress: WriteProgress): void
  /** The view is valid during the call only; a promise holds the transfer back until it settles. */
  didReceiveData?(task: DataTask | UploadTask, data: Uint8Array): Promise<void> | void
  didFinishDownloading?(task: DownloadTask, path: string): void
  didFinishCollectingMetrics?(task: Task, metrics: TaskMetrics): void
  didCompleteWithError?(task: Task, error: TransferError | undefined): void
  didBecomeInvalidWithError?(session: Session, error: TransferError | undefined): void
  /** Text for the curious (request and response heads); the sink masks and escapes. */
  didSendHead?(task: Task, request: URLRequest): void
  didReceiveHead?(task: Task, response: URLResponse): void
}
