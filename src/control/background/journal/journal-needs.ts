import type {DatabaseSync, StatementSync} from 'node:sqlite'
import type {BackgroundTask} from '../background-task.ts'
import {taskOf} from './journal-row.ts'
import {selectTasks} from './journal-tasks.ts'

/** Which secrets are still needed, and by whom. A snapshot is, as long as one of its tasks is unfinished. */
export class JournalNeeds {
  readonly #snapshots: StatementSync
  readonly #user: StatementSync
  readonly #hidden: StatementSync
  readonly #batches: StatementSync
  readonly #endedBatches: StatementSync
  readonly #batch: StatementSync

  constructor(database: DatabaseSync) {
    const keys = (column: string, where: string): StatementSync =>
      database.prepare(`SELECT DISTINCT ${column} AS key FROM tasks WHERE ${where}`)
    this.#snapshots = keys('snapshot', 'ended IS NULL')
    this.#user = database.prepare('SELECT 1 FROM tasks WHERE ended IS NULL AND snapshot = ? LIMIT 1')
    this.#hidden = keys('hidden', 'hidden IS NOT NULL')
    this.#batches = keys('batch', 'batch IS NOT NULL')
    this.#endedBatches = keys('batch', 'batch IS NOT NULL AND session = ? AND ended IS NOT NULL')
    this.#batch = database.prepare(
      `${selectTasks} WHERE batch = ? AND session = ? AND ended IS NOT NULL ORDER BY sequence`
    )
  }

  snapshots(): readonly number[] {
    return keysOf(this.#snapshots)
  }

  isNeeded(snapshot: number): boolean {
    return this.#user.get(snapshot) !== undefined
  }

  /** The commands that want to hear of ends, of all sessions. */
  batches(): readonly number[] {
    return keysOf(this.#batches)
  }

  /** The commands that have something to hear of. */
  endedBatches(session: string): readonly number[] {
    return keysOf(this.#endedBatches, session)
  }

  /** What a command is to hear of. */
  batch(session: string, key: number): readonly BackgroundTask[] {
    return this.#batch.all(key, session).map(taskOf)
  }

  /** Everything that must stay. */
  all(): readonly number[] {
    return [...this.snapshots(), ...this.batches(), ...keysOf(this.#hidden)]
  }
}

function keysOf(statement: StatementSync, ...values: readonly string[]): readonly number[] {
  return statement.all(...values).map(({key}) => Number(key))
}
