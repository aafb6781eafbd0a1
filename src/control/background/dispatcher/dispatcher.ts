import {TransferError} from '../../../engine/index.ts'
import type {SessionEnvironment, Task} from '../../../engine/index.ts'
import type {EventWords} from './background-delegate.ts'
import {BackgroundRoll} from './background-roll.ts'
import type {BackgroundTask, TaskChange} from '../background-task.ts'
import {BatchHook} from './batch-hook.ts'
import type {RunHook} from './batch-hook.ts'
import {Ends} from './dispatcher-ends.ts'
import {Telling} from './dispatcher-events.ts'
import {OpeningHours} from './dispatcher-hours.ts'
import {BackgroundRecords} from './dispatcher-records.ts'
import type {RecordWords} from './dispatcher-records.ts'
import {TaskRemains} from './dispatcher-remains.ts'
import {Schedule} from './dispatcher-schedule.ts'
import {BackgroundSessions} from './dispatcher-session.ts'
import {Starter} from './dispatcher-starter.ts'
import {TaskVerbs} from './dispatcher-verbs.ts'
import type {Journal} from '../journal.ts'
import {recover} from './recovery.ts'
import {makeEngineSession} from './running-session.ts'
import {RunningSessions} from './running-sessions.ts'
import {RunningTasks} from './running-tasks.ts'
import type {RunningTask} from './running-task.ts'
import {SentOnce} from './sent-once.ts'
import {SpaceWatch} from './space-watch.ts'
import type {Submission} from '../submission.ts'
import {isFinal} from '../task-standing.ts'
import type {Follower, Work} from '../work.ts'

export interface DispatcherOptions extends RecordWords {
  readonly journal: Journal
  readonly eventsOf: EventWords
  /** What a session may use of the world: stores, the key for resume data. */
  readonly environmentOf: (identifier: string) => SessionEnvironment
  readonly runHook: RunHook
  /** Told of what goes wrong beside the transfers. */
  readonly report: (error: unknown) => void
  /** What waits and what runs may have changed. */
  readonly changed?: () => void
  /** Milliseconds between two looks at a full disk, and between two notes of how far tasks are. Default: 30 s. */
  readonly interval?: number
  /** Bytes that this user may still write into a folder. */
  readonly freeSpace?: (folder: string) => number
}

const usualInterval = 30_000

/** Runs the tasks of the journal: the only starter, and the only one who writes down what comes of them (B2). */
export class Dispatcher implements Work {
  readonly roll: BackgroundRoll
  readonly sessions: BackgroundSessions
  readonly #options: DispatcherOptions
  readonly #records: BackgroundRecords
  readonly #telling: Telling
  readonly #engine: RunningSessions
  readonly #space: SpaceWatch
  readonly #remains: TaskRemains
  readonly #sentOnce: SentOnce
  readonly #running: RunningTasks
  readonly #verbs: TaskVerbs
  readonly #hook: BatchHook
  readonly #schedule: Schedule
  readonly #ends = new Ends()

  constructor(options: DispatcherOptions) {
    const {journal, report, interval = usualInterval, freeSpace, changed = () => {}} = options
    this.#options = options
    this.#records = new BackgroundRecords(options)
    this.#telling = new Telling({journal, report})
    this.#engine = new RunningSessions((identifier, snapshot) =>
      makeEngineSession({identifier, snapshot}, {...options, telling: this.#telling, running: this.#running})
    )
    const retry = (): void => this.#schedule.wake()
    this.#space = new SpaceWatch({interval, retry, ...(freeSpace ? {freeSpace} : {})})
    this.#remains = new TaskRemains({sessions: this.#engine, environmentOf: options.environmentOf})
    this.#sentOnce = new SentOnce({...options, sessions: this.#engine})
    this.#running = this.#runningTasks()
    this.#verbs = this.#taskVerbs()
    this.#hook = this.#batchHook()
    const [records, running, verbs, ends, space] = [
      this.#records,
      this.#running,
      this.#verbs,
      this.#ends,
      this.#space
    ]
    const hours = new OpeningHours()
    const isReserved = (id: string): boolean => verbs.isReserved(id)
    const starter = new Starter({journal, running, space, hours, isReserved})
    const drained = (session: string): void => this.#drained(session)
    this.#schedule = new Schedule({journal, running, starter, hours, interval, report, drained, changed})
    const service = () => (this.isResting ? 'rests' : 'goes')
    this.roll = new BackgroundRoll({journal, running, records, verbs, ends, starter, service})
    this.sessions = this.#backgroundSessions()
  }

  get isIdle(): boolean {
    const {journal} = this.#options
    const isDone = this.isResting || !journal.isPending()
    return this.#running.all.length === 0 && !this.#hook.isRunning && isDone
  }

  get isResting(): boolean {
    return this.#schedule.isResting
  }

  async begin(how: 'go' | 'rest' = 'go'): Promise<void> {
    const [telling, records, sentOnce] = [this.#telling, this.#records, this.#sentOnce]
    const conclude = this.#verbs.conclude.bind(this.#verbs)
    await recover({...this.#options, telling, records, sentOnce, conclude})
    this.#schedule.open(how)
  }

  submit(submission: Submission): readonly string[] {
    if (this.#schedule.isClosed) throw new TransferError('BUSY', 'The background service is being stopped')
    const {session, tasks} = submission
    this.#options.journal.submit(submission, this.#records.firstTold(submission))
    this.#schedule.attempt(() => this.#verbs.handOver(tasks))
    this.#telling.announce(session)
    if (!this.#schedule.goOn()) this.#schedule.fill(session)
    return tasks.map(({id}) => id)
  }

  follow(session: string, follower: Follower): () => void {
    return this.#telling.follow(session, follower)
  }

  isDrained(session: string): boolean {
    return this.#schedule.isDrained(session)
  }

  async stop(unfinished: 'keep' | 'cancel'): Promise<void> {
    this.#schedule.close()
    this.#space.stop()
    const intent = unfinished === 'keep' ? 'wait' : 'end'
    await Promise.all(this.#running.all.map(task => task.stop(intent, 'cancel')))
    if (unfinished === 'cancel') {
      this.#verbs.endAll(this.#options.journal.tasks({which: 'unfinished'}))
    }
    this.#telling.flush()
    await this.#engine.closed()
    await this.#hook.settled()
    this.#options.changed?.()
  }

  #runningTasks(): RunningTasks {
    return new RunningTasks({
      telling: this.#telling,
      records: this.#records,
      sessions: this.#engine,
      space: this.#space,
      report: this.#options.report,
      sentOnce: this.#sentOnce,
      discard: row => this.#remains.discardAll(row),
      left: (task, change) => this.#left(task, change),
      released: () => this.#engine.sweep()
    })
  }

  #taskVerbs(): TaskVerbs {
    return new TaskVerbs({
      journal: this.#options.journal,
      telling: this.#telling,
      records: this.#records,
      running: this.#running,
      sessions: this.#engine,
      remains: this.#remains,
      changed: row => this.#moved(row),
      goOn: () => this.#schedule.goOn(),
      ended: (row, {state, resumeData = null}) => this.#ended(row, {state, resumeData})
    })
  }

  #batchHook(): BatchHook {
    const isFollowed = (session: string): boolean => this.#telling.isFollowed(session)
    return new BatchHook({...this.#options, isFollowed, ended: () => this.#options.changed?.()})
  }

  #backgroundSessions(): BackgroundSessions {
    return new BackgroundSessions({
      ...this.#options,
      engine: identifier => this.#engine.named(identifier),
      cancel: id => this.#verbs.cancel(id),
      announce: identifier => this.#telling.announce(identifier)
    })
  }

  #drained(session: string): void {
    this.#hook.drained(session)
    this.sessions.drained(session)
  }

  #left({row, task, id, session}: RunningTask, change: TaskChange): void {
    if (change.state !== 'waiting') this.#space.remove(id)
    this.#ended(row, change, task)
    this.#schedule.fill(session)
  }

  #ended(row: BackgroundTask, {state, resumeData}: TaskChange, task?: Task): void {
    if (!isFinal(state)) return
    if (resumeData === null) this.#schedule.attempt(() => this.#remains.discardCopy(row, task))
    this.#ends.settle(row.submitted.id, {state})
  }

  /** A task that does not run stands otherwise, or was about to. */
  #moved(row: BackgroundTask): void {
    this.#space.remove(row.submitted.id)
    this.#schedule.fill(row.session)
  }
}
