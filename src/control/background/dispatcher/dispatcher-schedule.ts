import {DispatcherClock} from './dispatcher-clock.ts'
import type {OpeningHours} from './dispatcher-hours.ts'
import type {Starter} from './dispatcher-starter.ts'
import type {Journal} from '../journal.ts'
import type {RunningTask} from './running-task.ts'
import type {RunningTasks} from './running-tasks.ts'

export interface ScheduleOptions {
  readonly journal: Pick<Journal, 'isPending' | 'nextBegin' | 'sessions'>
  readonly running: RunningTasks
  readonly starter: Starter
  readonly hours: OpeningHours
  /** Milliseconds between two looks at what the disk has refused, and between two notes of how far tasks are. */
  readonly interval: number
  readonly report: (error: unknown) => void
  /** Nothing of the session waits or runs. */
  readonly drained: (session: string) => void
  /** What waits and what runs may have changed. */
  readonly changed: () => void
}

/** When tasks start and stop: as soon as they may, at their time, and again where the disk has refused the journal. */
export class Schedule {
  readonly #options: ScheduleOptions
  readonly #clock: DispatcherClock
  /** When another look at a session is due. */
  readonly #dues = new Map<string, number>()
  #phase: 'new' | 'open' | 'closed' = 'new'
  #isResting = false

  constructor(options: ScheduleOptions) {
    const {interval, running} = options
    this.#options = options
    this.#clock = new DispatcherClock({interval, wake: () => this.wake(), note: () => running.note()})
  }

  get isClosed(): boolean {
    return this.#phase === 'closed'
  }

  /** No task starts before goOn. */
  get isResting(): boolean {
    return this.#isResting
  }

  /** From now on tasks start, or with rest after goOn, unless nothing is to start any more. */
  open(how: 'go' | 'rest'): void {
    if (this.isClosed) return
    this.#phase = 'open'
    this.#isResting = how === 'rest'
    this.wake()
  }

  /** Ends the rest; returns false where there was none. */
  goOn(): boolean {
    if (!this.#isResting || this.isClosed) return false
    this.#isResting = false
    this.wake()
    return true
  }

  /** Nothing starts any more. */
  close(): void {
    this.#phase = 'closed'
    this.#clock.stop()
  }

  /** Looks at everything. */
  wake(): void {
    this.#dues.clear()
    this.attempt(() => {
      for (const running of this.#options.running.all) this.#keepHours(running)
      for (const {identifier} of this.#options.journal.sessions()) this.#start(identifier)
    })
    this.#arrange()
  }

  /** Starts what may start of a session; with nothing left to do, says so. */
  fill(session: string): void {
    this.#start(session)
    this.#arrange()
  }

  /** Nothing of the session waits or runs. */
  isDrained(session: string): boolean {
    return this.#options.running.of(session).length === 0 && !this.#options.journal.isPending(session)
  }

  /** A disk that refuses the journal may take it again: everything is looked at then. */
  attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.report(error)
      const again = Date.now() + this.#options.interval
      this.#dues.set('', again)
      this.#clock.wakeAt([again])
    }
  }

  #start(session: string): void {
    if (this.#phase !== 'open') return
    this.attempt(() => {
      const due = this.#isResting ? undefined : this.#options.starter.fill(session)
      if (due === undefined) this.#dues.delete(session)
      else this.#dues.set(session, due)
      if (this.isDrained(session)) this.#options.drained(session)
    })
  }

  // What runs beyond its hours waits for the next ones, if it then goes on from where it was.
  #keepHours(running: RunningTask): void {
    const {hours} = this.#options
    if (running.hours && !hours.admission(running.row, running.hours, Date.now()).admitted)
      void running.stop('wait', 'continue')
  }

  #arrange(): void {
    if (this.#phase !== 'open') return
    this.attempt(() => {
      const {journal, running, hours, changed} = this.#options
      const now = Date.now()
      const ends = running.all.map(task => task.hours && hours.admission(task.row, task.hours, now).until)
      const next = this.#isResting ? undefined : journal.nextBegin(now)
      this.#clock.wakeAt([next, ...this.#dues.values(), ...ends])
      this.#clock.keepNotes(running.all.length)
      changed()
    })
  }
}
