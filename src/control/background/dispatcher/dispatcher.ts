import {TransferError} from '../../../engine/index.ts'
import type {SessionEnvironment} from '../../../engine/index.ts'
import type {EventWords} from './background-delegate.ts'
import {BackgroundRoll} from './background-roll.ts'
import type {BackgroundTask, TaskChange} from '../background-task.ts'
import {BatchHook} from './batch-hook.ts'
import type {RunHook} from './batch-hook.ts'
import {DispatcherClock} from './dispatcher-clock.ts'
import {Ends} from './dispatcher-ends.ts'
import {Telling} from './dispatcher-events.ts'
import {admission} from './dispatcher-hours.ts'
import {BackgroundRecords} from './dispatcher-records.ts'
import type {RecordWords} from './dispatcher-records.ts'
import {TaskRemains} from './dispatcher-remains.ts'
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
  readonly #starter: Starter
  readonly #hook: BatchHook
  readonly #clock: DispatcherClock
  readonly #ends = new Ends()
  readonly #dues = new Map<string, number>()
  #phase: 'new' | 'open' | 'stopping' = 'new'

  constructor(options: DispatcherOptions) {
    const {journal, report, interval = usualInterval, freeSpace} = options
    this.#options = options
    this.#records = new BackgroundRecords(options)
    this.#telling = new Telling({journal, report})
    this.#engine = new RunningSessions((identifier, snapshot) =>
      makeEngineSession({identifier, snapshot}, {...options, telling: this.#telling, running: this.#running})
    )
    this.#space = new SpaceWatch({interval, retry: () => this.#wake(), ...(freeSpace ? {freeSpace} : {})})
    this.#clock = new DispatcherClock({interval, wake: () => this.#wake(), note: () => this.#running.note()})
    this.#remains = new TaskRemains({sessions: this.#engine, environmentOf: options.environmentOf})
    this.#sentOnce = new SentOnce({...options, sessions: this.#engine})
    this.#running = this.#runningTasks()
    this.#verbs = this.#taskVerbs()
    this.#starter = new Starter({
      journal,
      running: this.#running,
      space: this.#space,
      isReserved: id => this.#verbs.isReserved(id)
    })
    this.#hook = this.#batchHook()
    const [records, running, verbs, ends] = [this.#records, this.#running, this.#verbs, this.#ends]
    this.roll = new BackgroundRoll({journal, running, records, verbs, ends})
    this.sessions = this.#backgroundSessions()
  }

  get isIdle(): boolean {
    const {journal} = this.#options
    return this.#running.all.length === 0 && !this.#hook.isRunning && journal.counts().waiting === 0
  }

  async begin(): Promise<void> {
    const [telling, records, sentOnce] = [this.#telling, this.#records, this.#sentOnce]
    const conclude = this.#verbs.conclude.bind(this.#verbs)
    await recover({...this.#options, telling, records, sentOnce, conclude})
    if (this.#phase === 'stopping') return
    this.#phase = 'open'
    this.#wake()
  }

  submit(submission: Submission): readonly string[] {
    if (this.#phase === 'stopping') throw new TransferError('BUSY', 'The background service is being stopped')
    const {session, tasks} = submission
    this.#options.journal.submit(submission, this.#records.firstTold(submission))
    this.#attempt(() => this.#verbs.handOver(tasks))
    this.#telling.announce(session)
    this.#fill(session)
    return tasks.map(({id}) => id)
  }

  follow(session: string, follower: Follower): () => void {
    return this.#telling.follow(session, follower)
  }

  isDrained(session: string): boolean {
    if (this.#running.of(session).length > 0) return false
    const found = this.#options.journal.sessions().find(({identifier}) => identifier === session)
    return !found || found.tasks.waiting + found.tasks.running === 0
  }

  async stop(unfinished: 'keep' | 'cancel'): Promise<void> {
    this.#phase = 'stopping'
    this.#clock.stop()
    this.#space.stop()
    const intent = unfinished === 'keep' ? 'wait' : 'end'
    await Promise.all(this.#running.all.map(task => task.stop(intent, 'cancel')))
    if (unfinished === 'cancel') {
      for (const row of this.#options.journal.tasks({which: 'unfinished'})) this.#verbs.force(row)
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

  #wake(): void {
    this.#dues.clear()
    this.#attempt(() => {
      for (const running of this.#running.all) this.#keepHours(running)
      for (const {identifier} of this.#options.journal.sessions()) this.#fill(identifier)
    })
    this.#arrange()
  }

  /** Starts what may start of a session; with nothing left to do, says so. */
  #fill(session: string): void {
    if (this.#phase !== 'open') return
    this.#attempt(() => {
      const due = this.#starter.fill(session)
      if (due === undefined) this.#dues.delete(session)
      else this.#dues.set(session, due)
      if (this.isDrained(session)) this.#drained(session)
    })
    this.#arrange()
  }

  #drained(session: string): void {
    this.#hook.drained(session)
    this.sessions.drained(session)
  }

  // What runs beyond its hours waits for the next ones, if it then goes on from where it was.
  #keepHours(running: RunningTask): void {
    if (running.hours && !admission(running.row, running.hours, Date.now()).admitted)
      void running.stop('wait', 'continue')
  }

  #arrange(): void {
    if (this.#phase !== 'open') return
    this.#attempt(() => {
      const now = Date.now()
      const begin = this.#options.journal.nextBegin(now)
      const ends = this.#running.all.map(({row, hours}) => hours && admission(row, hours, now).until)
      this.#clock.wakeAt([begin, ...this.#dues.values(), ...ends])
      this.#clock.keepNotes(this.#running.all.length)
      this.#options.changed?.()
    })
  }

  #left({row, id, session}: RunningTask, change: TaskChange): void {
    if (change.state !== 'waiting') this.#space.remove(id)
    this.#ended(row, change)
    this.#fill(session)
  }

  #ended(row: BackgroundTask, {state, resumeData}: TaskChange): void {
    if (!isFinal(state)) return
    if (resumeData === null) this.#remains.discardCopy(row)
    this.#ends.settle(row.submitted.id, {state})
  }

  /** A task that does not run stands otherwise, or was about to. */
  #moved(row: BackgroundTask): void {
    this.#space.remove(row.submitted.id)
    this.#fill(row.session)
  }

  // A disk that refuses the journal may take it again: everything is looked at then.
  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.report(error)
      const again = Date.now() + (this.#options.interval ?? usualInterval)
      this.#dues.set('', again)
      this.#clock.wakeAt([again])
    }
  }
}
