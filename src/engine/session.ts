import {admit} from './admit.ts'
import {DataTask} from './data-task.ts'
import type {DataOptions} from './data-task.ts'
import {DownloadTask} from './download-task.ts'
import type {DownloadOptions} from './download-task.ts'
import {Exchanger} from './exchange/exchanger.ts'
import {SignIns} from './exchange/authentication/sign-ins.ts'
import {RateLimiter} from './exchange/rate-limiter.ts'
import {claimResumeData} from './download/claim.ts'
import type {ResumeOptions} from './download/claim.ts'
import {ProgressClock} from './progress-clock.ts'
import type {SessionConfiguration} from './session-configuration.ts'
import type {SessionDelegate} from './session-delegate.ts'
import type {SessionEnvironment} from './session-environment.ts'
import {Stores} from './storage/stores.ts'
import {Folders} from './download/folders.ts'
import type {StopReason, Task, TaskOutcome} from './task.ts'
import {stopWhenOverdue} from './stop-when-overdue.ts'
import {metricsOf} from './task-metrics.ts'
import {TaskQueue} from './task-queue.ts'
import {closingFailure, failedOutcome, stoppedOutcome} from './task-outcome.ts'
import {TransferError} from './transfer-error.ts'
import type {ResumeUploadOptions} from './upload/claim-upload.ts'
import {UploadTask} from './upload-task.ts'
import type {UploadOptions, UploadSource} from './upload-task.ts'
import type {URLRequest} from './url-request.ts'
import {version} from './version.ts'
import {steadyTime} from './exchange/steady-time.ts'

/**
 * A container and factory for tasks that share a configuration (URLSession). Its connections stay open until it is
 * invalidated: call finishTasksAndInvalidate or invalidateAndCancel in the end.
 */
export class Session {
  readonly configuration: SessionConfiguration
  readonly delegate: SessionDelegate
  readonly environment: SessionEnvironment
  readonly userAgent = `ferry/${version}`
  /** @internal For tasks: the session's network. */
  readonly exchanger = new Exchanger()
  /** @internal For tasks: cookies, credentials, answers, and who insists on TLS. */
  readonly stores: Stores
  /** @internal For tasks: where this session has signed in. */
  readonly signIns = new SignIns()
  /** @internal For tasks: what the session's rate limit leaves. */
  readonly rateLimiter: RateLimiter
  /** @internal For tasks: the folders they write to. */
  readonly folders: Folders
  /** @internal For tasks: when progress is told. */
  readonly progress: ProgressClock
  readonly #tasks = new Set<Task>()
  readonly #queue: TaskQueue
  #invalidated = false
  #announced = false
  readonly #invalid = Promise.withResolvers<void>()

  constructor(
    configuration: SessionConfiguration,
    delegate: SessionDelegate = {},
    environment: SessionEnvironment = {}
  ) {
    const {keys} = configuration
    this.configuration = configuration
    this.delegate = delegate
    this.environment = environment
    this.folders = new Folders(environment.newFileMode)
    this.stores = new Stores({
      configuration,
      name: environment.name ?? configuration.kind,
      place: configuration.kind === 'ephemeral' ? undefined : environment.stores,
      report: environment.stores?.report
    })
    this.rateLimiter = new RateLimiter(keys.limits.rate)
    this.progress = new ProgressClock(delegate)
    this.#queue = new TaskQueue({limit: keys.maxParallelTasks, run: task => this.#run(task)})
  }

  /** Tasks that have not ended, the suspended ones included. */
  get tasks(): readonly Task[] {
    return [...this.#tasks]
  }

  /** As downloadTask, but hands its bytes to the delegate: CONFIGURATION_REFUSED in a background session (B5). */
  dataTask(request: URLRequest, options: DataOptions = {}): DataTask {
    return this.#adopt(new DataTask(this, {id: this.#admit({kind: 'data', options}), request, options}))
  }

  /** A task that puts its bytes into a file. Suspended until resume(). Throws SESSION_INVALIDATED. */
  downloadTask(request: URLRequest, options: DownloadOptions): DownloadTask {
    const id = this.#admit({kind: 'download', options})
    return this.#adopt(new DownloadTask(this, {id, request, options}))
  }

  /**
   * Reads resume data and makes a new task that continues it (R27). The data is used up when the task starts (R28).
   * Rejects with RESUME_DATA_INVALID, NOT_RESUMABLE or BUSY, and then leaves everything as it was.
   */
  async downloadTaskWithResumeData(path: string, options: ResumeOptions = {}): Promise<DownloadTask> {
    this.#assertValid()
    const claim = await claimResumeData(path, {...options, key: this.environment.resumeDataKey?.()})
    return this.#adopt(new DownloadTask(this, {id: this.#admit({kind: 'download', ...claim}), ...claim}))
  }

  /**
   * A task that sends the source as the body of the request; the answer's content goes to the delegate. Suspended until
   * resume(). Throws SESSION_INVALIDATED; in a background session CONFIGURATION_REFUSED for what is no file (B8).
   */
  uploadTask(request: URLRequest, {source, ...options}: UploadOptions & {source: UploadSource}): UploadTask {
    const id = this.#admit({kind: 'upload', source, options})
    return this.#adopt(new UploadTask(this, {id, request, source, options}))
  }

  /**
   * Reads resume data and makes a new task that continues the upload. Rejects with RESUME_DATA_INVALID, SOURCE_CHANGED,
   * READ_FAILED or BUSY, and then leaves everything as it was; where the server does not go on, the task fails later.
   */
  async uploadTaskWithResumeData(path: string, options: ResumeUploadOptions = {}): Promise<UploadTask> {
    this.#assertValid()
    const {claimUploadResumeData} = await import('./upload/claim-upload.ts')
    const claim = await claimUploadResumeData(path, {...options, key: this.environment.resumeDataKey?.()})
    return this.#adopt(new UploadTask(this, {id: this.#admit({kind: 'upload', ...claim}), ...claim}))
  }

  /**
   * No new tasks; those that run or wait for room end by themselves. A task that nobody will start any more would keep
   * the session for ever, so it is cancelled, unless somebody is about to start it: keep. Resolves after
   * didBecomeInvalidWithError (R59).
   */
  finishTasksAndInvalidate(unstarted: 'cancel' | 'keep' = 'cancel'): Promise<void> {
    this.#invalidated = true
    for (const task of unstarted === 'cancel' ? this.#tasks : []) {
      if (task.state === 'suspended' && !this.#queue.has(task)) task.cancel()
    }
    this.#finishInvalidation()
    return this.#invalid.promise
  }

  /** As finishTasksAndInvalidate, but cancels what has not ended (R60). */
  invalidateAndCancel(): Promise<void> {
    this.#invalidated = true
    for (const task of this.#tasks) task.cancel()
    this.#finishInvalidation()
    return this.#invalid.promise
  }

  /** Writes the stores to disk; later requests make new connections (R61). Rejects where a file could not be written. */
  async flush(): Promise<void> {
    this.exchanger.renew()
    await this.stores.flush()
  }

  /**
   * Empties the stores, in memory and on disk, then flushes. Tasks that run are not disturbed (R62). Rejects where
   * something could not be removed.
   */
  async reset(): Promise<void> {
    this.signIns.clear()
    await this.stores.reset()
    await this.flush()
  }

  /** @internal For tasks: queues a suspended task for its start. */
  schedule(task: Task): void {
    if (!task.hasEnded) this.#queue.add(task)
  }

  /** @internal For tasks: does it wait for room? */
  hasScheduled(task: Task): boolean {
    return this.#queue.has(task)
  }

  /** @internal For tasks: lets go of one that waits on disk for another session. */
  release(task: Task): void {
    this.#tasks.delete(task)
    this.#finishInvalidation()
  }

  /** @internal For data tasks: the download that goes on in a task's place and slot. */
  replace(task: DataTask, download: DownloadTask): void {
    this.#queue.expect(download)
    task.download = this.#adopt(download)
    this.delegate.didBecomeDownload?.(task, download)
  }

  /** @internal For tasks: ends one that never started; nothing of it is on disk. */
  endUnstarted(task: Task, reason: StopReason): void {
    this.#queue.withdraw(task)
    this.#conclude(task, stoppedOutcome(task, reason))
  }

  #adopt<Kind extends Task>(task: Kind): Kind {
    this.#tasks.add(task)
    this.delegate.didCreateTask?.(task)
    return task
  }

  #admit(candidate: Parameters<typeof admit>[1]): string {
    this.#assertValid()
    return admit(this, candidate)
  }

  #assertValid(): void {
    if (this.#invalidated) throw new TransferError('SESSION_INVALIDATED', 'The session takes no new tasks')
  }

  /** Resolves to the download that goes on in the task's slot, if it has become one. */
  async #run(task: Task): Promise<Task | undefined> {
    task.started ??= steadyTime()
    const stopWatching = stopWhenOverdue(task, task.started)
    this.delegate.didStartTask?.(task, 1)
    this.progress.add(task)
    const outcome = await task.perform().catch((error: unknown) => failedOutcome(task, error))
    stopWatching()
    this.progress.remove(task)
    this.#conclude(task, outcome)
    const download = task instanceof DataTask ? task.download : undefined
    if (!download || download.hasEnded) return undefined
    // Its answer is open, and the time of the whole runs already.
    download.started = task.started
    return download
  }

  #conclude(task: Task, outcome: TaskOutcome): void {
    const started = task.started !== undefined
    task.metrics = metricsOf(task, task instanceof DataTask ? task.cacheFetches : [])
    this.#tasks.delete(task)
    this.#queue.remove(task)
    // What was measured is kept; the connections are not.
    task.exchanges.length = task.transactions.length = 0
    this.exchanger.release(task)
    if (!task.end(outcome)) return
    if (started) this.delegate.didFinishCollectingMetrics?.(task, task.metrics)
    this.delegate.didCompleteWithError?.(task, outcome.error)
    task.settle()
    this.#finishInvalidation()
  }

  #finishInvalidation(): void {
    if (!this.#invalidated || this.#tasks.size > 0) return
    const closed = Promise.all([this.exchanger.close(), this.stores.close()])
    void closed
      .then(() => undefined, closingFailure)
      .then(error => {
        if (this.#announced) return
        this.#announced = true
        this.delegate.didBecomeInvalidWithError?.(this, error)
        this.#invalid.resolve()
      })
  }
}
