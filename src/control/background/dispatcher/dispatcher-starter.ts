import {dirname} from 'node:path'
import {SessionConfiguration} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import {admission} from './dispatcher-hours.ts'
import type {Journal} from '../journal.ts'
import type {RunningTasks} from './running-tasks.ts'
import type {SpaceWatch} from './space-watch.ts'
import type {Snapshot} from '../submission.ts'

export interface StarterOptions {
  readonly journal: Pick<Journal, 'startable' | 'snapshot'>
  readonly running: RunningTasks
  readonly space: SpaceWatch
  /** Must it not start now, for another reason? */
  readonly isReserved: (id: string) => boolean
}

// Enough for what usually runs at once; more is looked at where tasks that must wait stand in front.
const firstLook = 8

/** The only one that starts tasks: as many of a session at once as it allows, the most urgent first. */
export class Starter {
  readonly #options: StarterOptions

  constructor(options: StarterOptions) {
    this.#options = options
  }

  /**
   * Starts what may start of a session. Returns when another look is due because of the time of the day, in milliseconds
   * since the epoch. Throws a TransferError where the journal cannot be read or written.
   */
  fill(session: string): number | undefined {
    const look = new Look(this.#options, session)
    for (let limit = firstLook; ; limit *= 4) {
      const found = this.#options.journal.startable(session, {now: look.now, limit})
      if (look.take(found) === 'full' || found.length < limit) return look.due
    }
  }
}

/** One look at what waits. */
class Look {
  readonly now = Date.now()
  due: number | undefined
  readonly #options: StarterOptions
  readonly #session: string
  readonly #snapshots = new Map<string, Snapshot | undefined>()
  readonly #seen = new Set<string>()

  constructor(options: StarterOptions, session: string) {
    this.#options = options
    this.#session = session
  }

  take(rows: readonly BackgroundTask[]): 'full' | 'room' {
    const {running} = this.#options
    for (const row of rows) {
      if (this.#seen.has(row.submitted.id)) continue
      const snapshot = this.#snapshotOf(row)
      // What cannot be read fails where it is started.
      if (snapshot && running.of(this.#session).length >= snapshot.keys.maxParallelTasks) return 'full'
      this.#seen.add(row.submitted.id)
      if (!this.#mayStart(row, snapshot)) continue
      running.start(row, snapshot?.keys)
    }
    return 'room'
  }

  #mayStart(row: BackgroundTask, snapshot: Snapshot | undefined): boolean {
    const {space, isReserved} = this.#options
    const {id} = row.submitted
    if (isReserved(id) || space.isWaiting(id) || space.isFull(folderOf(row), id)) return false
    if (!snapshot) return true
    const {admitted, until} = admission(row, snapshot.keys, this.now)
    if (!admitted && until !== undefined) this.due = Math.min(this.due ?? Infinity, until)
    return admitted
  }

  #snapshotOf({snapshot}: BackgroundTask): Snapshot | undefined {
    if (!this.#snapshots.has(snapshot)) this.#snapshots.set(snapshot, this.#read(snapshot))
    return this.#snapshots.get(snapshot)
  }

  #read(key: string): Snapshot | undefined {
    try {
      const {keys, ...others} = this.#options.journal.snapshot(key)
      // An older ferry may have written it, which did not know all keys.
      return {...others, keys: SessionConfiguration.background(this.#session, keys).keys}
    } catch {
      return undefined
    }
  }
}

/** The folder that a task writes to. */
export function folderOf({submitted: {work}, resumeData}: BackgroundTask): string {
  if (work.kind === 'download') return work.options.directory
  return dirname(resumeData ?? (work.kind === 'continue' ? work.resumeData : work.source.path))
}
