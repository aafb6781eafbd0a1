import type {DownloadTask, UploadTask} from '../../../engine/index.ts'
import type {BackgroundTask, JournalEvent} from '../background-task.ts'
import type {Hours} from './dispatcher-hours.ts'
import type {Intent} from './running-verdict.ts'

// Of two that are wanted at once, the later one here is done.
const ranks: readonly Intent[] = ['run', 'wait', 'giveUp', 'hold', 'pause', 'end', 'cancel']

/** One start of a task: from the decision to run it until the journal knows what came of it. */
export class RunningTask {
  readonly row: BackgroundTask
  /** When it may run; undefined = always. */
  readonly hours: Hours | undefined
  /** Which start of the task this is, from 1 on. */
  readonly attempt: number
  intent: Intent = 'run'
  /** The engine's task; undefined while it is looked at what it begins with. */
  task: DownloadTask | UploadTask | undefined
  /** What is told of its end, if it is one. */
  readonly lastEvents: JournalEvent[] = []
  /** A server may have got something of it that must not be sent twice. */
  sent = false
  /** Path of its resume data, as it was written last. */
  resumeData: string | null
  /** Settles when there is an engine task, or never will be. */
  readonly prepared: Promise<void>
  /** Settles when the journal knows what came of it. */
  readonly concluded: Promise<void>
  readonly #begun = performance.now()
  readonly #prepared = Promise.withResolvers<void>()
  readonly #concluded = Promise.withResolvers<void>()

  constructor(row: BackgroundTask, hours: Hours | undefined) {
    this.row = row
    this.hours = hours
    this.attempt = row.attempts + 1
    this.resumeData = row.resumeData
    this.prepared = this.#prepared.promise
    this.concluded = this.#concluded.promise
  }

  get id(): string {
    return this.row.submitted.id
  }

  get session(): string {
    return this.row.session
  }

  /** Milliseconds of timeouts.total that are used up, by a clock that nobody sets. */
  get spent(): number {
    return Math.round(this.row.spent + performance.now() - this.#begun)
  }

  /** Would it be sent a second time if it began again? */
  get isSentOnce(): boolean {
    return this.sent && this.task?.isResumable !== true
  }

  /** Starts the engine's task; whoever did not want it to run any more meanwhile has his way. */
  begin(task: DownloadTask | UploadTask): void {
    this.task = task
    // Only what runs can be paused.
    if (this.intent === 'run' || this.intent === 'pause') task.resume()
    else task.cancel()
    this.#prepared.resolve()
  }

  conclude(): void {
    this.#prepared.resolve()
    this.#concluded.resolve()
  }

  /**
   * Stops it for something that it goes on from later. Resolves to false where it cannot go on from where it is and goes
   * on now instead, unless `otherwise` says that this does not matter.
   */
  async stop(intent: 'pause' | 'hold' | 'wait' | 'end', otherwise: 'continue' | 'cancel'): Promise<boolean> {
    const wanted = intent === 'wait' && otherwise === 'cancel' && this.isSentOnce ? 'giveUp' : intent
    if (!this.#wants(wanted)) return this.concluded.then(() => true)
    await this.prepared
    const {task} = this
    if (task && !task.hasEnded && !task.isStopped) {
      if (intent === 'pause') await task.cancelByProducingResumeData(otherwise)
      // Not a cancellation in disguise: what an earlier start has left stays, whatever this one has come to.
      else if (otherwise === 'cancel' || task.isResumable || !this.#hasMoved) task.stop('pause')
      if (!task.isStopped && !task.hasEnded) {
        if (this.intent === intent) this.intent = 'run'
        return false
      }
    }
    await this.concluded
    return true
  }

  // Nothing is lost with what nothing was transferred of.
  get #hasMoved(): boolean {
    const {countOfBytesReceived = 0, countOfBytesSent = 0} = this.task ?? {}
    return countOfBytesReceived > 0 || countOfBytesSent > 0 || this.isSentOnce
  }

  /** Ends it for good. */
  async cancel(): Promise<void> {
    this.#wants('cancel')
    await this.prepared
    this.task?.cancel()
    await this.concluded
  }

  /** False where somebody wants more already, and has it done. */
  #wants(intent: Intent): boolean {
    if (ranks.indexOf(this.intent) > ranks.indexOf(intent)) return false
    this.intent = intent
    return true
  }
}
