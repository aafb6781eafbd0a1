import type {DatabaseSync, StatementSync} from 'node:sqlite'
import {TransferError} from '../../../engine/index.ts'
import type {BackgroundTask, TaskStanding} from '../background-task.ts'
import type {StartableLook, TaskCounts, TaskQuery} from '../journal.ts'
import {
  changingColumns,
  columns,
  newRow,
  standingColumns,
  standingOf,
  taskOf,
  valuesOf
} from './journal-row.ts'
import type {NewTask, TaskRow} from './journal-row.ts'
import type {Row} from './journal-sum.ts'

const none: TaskCounts = {waiting: 0, running: 0, held: 0, paused: 0, completed: 0, failed: 0, cancelled: 0}

const wanted = {
  running: `ended IS NULL AND state = 'running'`,
  unfinished: 'ended IS NULL',
  continuable: 'ended IS NOT NULL AND resumeData IS NOT NULL',
  resumable: '(ended IS NULL OR resumeData IS NOT NULL)',
  // Nobody was there to hear of the failure.
  listed: `(ended IS NULL OR resumeData IS NOT NULL OR (state = 'failed' AND ended > 1000 * (unixepoch() - 86400)))`,
  all: 'TRUE'
} as const

// SQLite takes a limit below zero for none.
const wholeList = {after: -1, limit: -1} as const

// Found first and read afterwards: sorting drags no texts along.
export const selectTasks =
  'SELECT tasks.*, content AS secret FROM tasks LEFT JOIN secrets ON secrets.key = tasks.hidden'

const selectStandings = `SELECT ${standingColumns.join(', ')} FROM tasks`

/** The tasks of the journal. */
export class JournalTasks {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #row: StatementSync
  readonly #task: StatementSync
  readonly #standing: StatementSync
  readonly #startable: StatementSync
  readonly #next: StatementSync
  readonly #unstarted: StatementSync
  readonly #pending: StatementSync
  readonly #anyPending: StatementSync
  readonly #states: StatementSync
  readonly #lists = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    const marks = columns.map(() => '?').join(', ')
    this.#insert = database.prepare(`INSERT INTO tasks (${columns.join(', ')}, sum) VALUES (${marks}, ?)`)
    const assignments = changingColumns.map(column => `${column} = ?`).join(', ')
    this.#update = database.prepare(`UPDATE tasks SET ${assignments}, sum = ? WHERE id = ?`)
    this.#row = database.prepare(`SELECT ${columns.join(', ')} FROM tasks WHERE id = ?`)
    this.#task = database.prepare(`${selectTasks} WHERE id = ?`)
    this.#standing = database.prepare(`${selectStandings} WHERE id = ?`)
    this.#startable = database.prepare(
      `${selectTasks} WHERE session = ? AND state = 'waiting' AND (earliestBegin IS NULL OR earliestBegin <= ?)
       AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE value ->> 'snapshot' = tasks.snapshot
         AND (attempts > 0 OR created > value ->> 'since'))
       ORDER BY priority DESC, sequence LIMIT ? OFFSET ?`
    )
    this.#unstarted = database.prepare(
      `SELECT min(created) AS first FROM tasks
       WHERE snapshot = ? AND ended IS NULL AND state = 'waiting' AND attempts = 0`
    )
    this.#pending = database.prepare(
      "SELECT 1 FROM tasks WHERE state IN ('waiting', 'running') AND session = ? LIMIT 1"
    )
    this.#anyPending = database.prepare(
      `SELECT 1 FROM tasks WHERE ended IS NULL AND state IN ('waiting', 'running') LIMIT 1`
    )
    this.#next = database.prepare(
      `SELECT min(earliestBegin) AS next FROM tasks
       WHERE state = 'waiting' AND earliestBegin IS NOT NULL AND earliestBegin > ?`
    )
    this.#states = database.prepare(
      `SELECT session, state, sum(state <> 'paused' OR resumeData IS NOT NULL) AS tasks FROM tasks GROUP BY session, state`
    )
  }

  /** Throws USAGE for an id that is known. */
  add(task: NewTask): void {
    const row = newRow(task)
    if (this.row(task.submitted.id)) {
      throw new TransferError('USAGE', `There is a task ${task.submitted.id} already`, {
        hint: 'The id of a task is never used again.'
      })
    }
    this.#insert.run(...valuesOf(row))
  }

  row(id: string): TaskRow | undefined {
    return this.#row.get(id) as TaskRow | undefined
  }

  write(row: TaskRow): void {
    this.#update.run(...valuesOf(row, changingColumns), row.id)
  }

  find(id: string): BackgroundTask | undefined {
    const row = this.#task.get(id)
    return row && taskOf(row)
  }

  list(query: TaskQuery): readonly BackgroundTask[] {
    return this.#select(selectTasks, query).map(taskOf)
  }

  standing(id: string): TaskStanding | undefined {
    const row = this.#standing.get(id)
    return row && standingOf(row)
  }

  standings(query: TaskQuery): readonly TaskStanding[] {
    return this.#select(selectStandings, query).map(standingOf)
  }

  startable(session: string, {now, limit, skip = 0, closed = []}: StartableLook): BackgroundTask[] {
    const shut = closed.map(({snapshot, since}) => ({snapshot: Number(snapshot), since}))
    return this.#startable.all(session, now, JSON.stringify(shut), limit, skip).map(taskOf)
  }

  firstUnstarted(snapshot: string): number | undefined {
    const first = this.#unstarted.get(Number(snapshot))?.['first']
    return typeof first === 'number' ? first : undefined
  }

  isPending(session: string | undefined): boolean {
    const found = session === undefined ? this.#anyPending.get() : this.#pending.get(session)
    return found !== undefined
  }

  nextBegin(now: number): number | undefined {
    const next = this.#next.get(now)?.['next']
    return typeof next === 'number' ? next : undefined
  }

  /** Of each session that has tasks. What goes on as another task is not counted as paused. */
  counts(): ReadonlyMap<string, TaskCounts> {
    const counts = new Map<string, TaskCounts>()
    for (const {session, state, tasks} of this.#states.all()) {
      const name = String(session)
      counts.set(name, {...(counts.get(name) ?? none), [String(state)]: Number(tasks)})
    }
    return counts
  }

  #select(what: string, {which, session, page = wholeList}: TaskQuery): readonly Row[] {
    const place = session === undefined ? '' : 'AND session = ?'
    const sql = `${what} WHERE ${wanted[which]} AND sequence > ? ${place} ORDER BY sequence LIMIT ?`
    const list = this.#lists.get(sql) ?? this.#database.prepare(sql)
    this.#lists.set(sql, list)
    return list.all(page.after, ...(session === undefined ? [] : [session]), page.limit)
  }
}

/** All of them together. */
export function totalOf(counts: Iterable<TaskCounts>): TaskCounts {
  const total = {...none}
  for (const each of counts) {
    for (const [state, tasks] of Object.entries(each)) total[state as keyof TaskCounts] += tasks
  }
  return total
}
