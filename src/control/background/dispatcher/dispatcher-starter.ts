import {dirname} from 'node:path'
import {SessionConfiguration} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import {wholeTime} from './dispatcher-hours.ts'
import type {Hours, OpeningHours} from './dispatcher-hours.ts'
import type {Journal} from '../journal.ts'
import type {RunningTasks} from './running-tasks.ts'
import type {SpaceWatch} from './space-watch.ts'

export interface StarterOptions {
  readonly journal: Pick<Journal, 'startable' | 'snapshot' | 'firstUnstarted'>
  readonly running: RunningTasks
  readonly space: SpaceWatch
  readonly hours: OpeningHours
  /** Must it not start now, for another reason? */
  readonly isReserved: (id: string) => boolean
}

/** What of a task's configuration decides when it starts. */
interface Terms {
  readonly hours: Hours
  readonly maxParallelTasks: number
}

// Enough for what usually runs at once; more is looked at where tasks that must wait stand in front.
const firstLook = 8
const mostTerms = 100

/** The only one that starts tasks: as many of a session at once as it allows, the most urgent first. */
export class Starter {
  readonly #options: StarterOptions
  /** By snapshot, whose key is never another's. */
  readonly #terms = new Map<string, Terms>()
  /** By session: when the windows open of the configurations that have to wait for that. */
  readonly #closed = new Map<string, ReadonlyMap<string, number>>()

  constructor(options: StarterOptions) {
    this.#options = options
  }

  /**
   * Starts what may start of a session. Returns when another look is due because of the time of the day, in milliseconds
   * since the epoch. Throws a TransferError where the journal cannot be read or written.
   */
  fill(session: string): number | undefined {
    if (this.#terms.size > mostTerms) this.#terms.clear()
    const look = new Look({...this.#options, termsOf: row => this.#termsOf(row)}, session)
    for (let limit = firstLook; ; limit *= 4) {
      const found = this.#options.journal.startable(session, look.wanted(limit))
      if (look.take(found) === 'full' || found.length < limit) break
    }
    if (look.closed.size > 0) this.#closed.set(session, look.opens)
    else this.#closed.delete(session)
    return look.due
  }

  /** When the window opens that a waiting task with this snapshot waits for, if it does. */
  opensAt(session: string, snapshot: string): number | undefined {
    return this.#closed.get(session)?.get(snapshot)
  }

  // Undefined for what cannot be read: that fails where it is started.
  #termsOf({session, snapshot}: BackgroundTask): Terms | undefined {
    const known = this.#terms.get(snapshot)
    if (known) return known
    try {
      const {keys: given, timeZone} = this.#options.journal.snapshot(snapshot)
      // An older ferry may have written it, which did not know all keys.
      const {keys} = SessionConfiguration.background(session, given)
      const {discretionary, timeouts, maxParallelTasks} = keys
      const terms = {hours: {discretionary, timeouts, timeZone}, maxParallelTasks}
      this.#terms.set(snapshot, terms)
      return terms
    } catch {
      return undefined
    }
  }
}

interface LookOptions extends StarterOptions {
  readonly termsOf: (row: BackgroundTask) => Terms | undefined
}

/** One look at what waits. */
class Look {
  due: number | undefined
  /** Snapshots whose window is closed, with what they say of it. */
  readonly closed = new Map<string, Hours>()
  readonly #now = Date.now()
  readonly #options: LookOptions
  readonly #session: string
  /** Those in front that must wait for something else than their hours. */
  #blocked = 0

  constructor(options: LookOptions, session: string) {
    this.#options = options
    this.#session = session
  }

  get opens(): ReadonlyMap<string, number> {
    const {hours} = this.#options
    const known = [...this.closed].map(([key, each]) => [key, hours.closedUntil(each, this.#now)] as const)
    return new Map(known.filter((each): each is [string, number] => each[1] !== undefined))
  }

  /** The next ones to look at: what is known to have to wait is not read again, of thousands neither. */
  wanted(limit: number): Parameters<Journal['startable']>[1] {
    const closed = [...this.closed].map(([snapshot, hours]) => ({
      snapshot,
      since: this.#now - wholeTime(hours)
    }))
    return {now: this.#now, limit, skip: this.#blocked, closed}
  }

  take(rows: readonly BackgroundTask[]): 'full' | 'room' {
    const {running, termsOf} = this.#options
    for (const row of rows) {
      const terms = termsOf(row)
      if (terms && running.of(this.#session).length >= terms.maxParallelTasks) return 'full'
      if (terms && this.#isTooEarly(row, terms.hours)) continue
      if (this.#isBlocked(row)) this.#blocked += 1
      else running.start(row, terms?.hours)
    }
    return 'room'
  }

  #isTooEarly(row: BackgroundTask, given: Hours): boolean {
    const {hours, journal} = this.#options
    if (hours.admission(row, given, this.#now).admitted) return false
    if (this.closed.has(row.snapshot)) return true
    this.closed.set(row.snapshot, given)
    const latest = (journal.firstUnstarted(row.snapshot) ?? Infinity) + wholeTime(given)
    this.due = Math.min(this.due ?? Infinity, hours.closedUntil(given, this.#now) ?? Infinity, latest)
    return true
  }

  #isBlocked(row: BackgroundTask): boolean {
    const {space, isReserved} = this.#options
    const {id} = row.submitted
    return isReserved(id) || space.isWaiting(id) || space.isFull(folderOf(row), id)
  }
}

/** The folder that a task writes to. */
export function folderOf({submitted: {work}, resumeData}: BackgroundTask): string {
  if (work.kind === 'download') return work.options.directory
  return dirname(resumeData ?? (work.kind === 'continue' ? work.resumeData : work.source.path))
}
