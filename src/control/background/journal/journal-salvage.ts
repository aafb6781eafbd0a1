import type {DatabaseSync, SQLInputValue} from 'node:sqlite'
import {isSound, tables} from './journal-examination.ts'
import {JournalSessions} from './journal-sessions.ts'
import {sumOf} from './journal-sum.ts'
import type {Row} from './journal-sum.ts'

/** No snapshot has this key: a task that asks for it fails, and says why. */
const lost = 0

/**
 * Takes over from a damaged journal what can be read and is as it was written; of a task whose configuration is lost, what
 * there is to say about it. Returns how many tasks were taken over.
 */
export function salvage(from: DatabaseSync, to: DatabaseSync): number {
  to.exec('BEGIN IMMEDIATE')
  for (const table of ['facts', 'sessions', 'secrets', 'events'] as const) {
    for (const row of readable(from, table)) insert(to, table, row)
  }
  const keys = new Set(readable(from, 'secrets').map(({key}) => Number(key)))
  const tasks = readable(from, 'tasks')
  for (const task of tasks) insert(to, 'tasks', withoutLost(task, keys))
  mendCounters(from, to)
  to.exec('COMMIT')
  return tasks.length
}

// From both ends: what is behind a broken place is read as well.
function readable(from: DatabaseSync, table: keyof typeof tables): readonly Row[] {
  const rows = new Map<string, Row>()
  for (const direction of ['ASC', 'DESC']) {
    const columns = tables[table]
    try {
      const order = columns.map(column => `${column} ${direction}`).join(', ')
      const statement = from.prepare(`SELECT * FROM ${table} ORDER BY ${order}`)
      statement.setReadBigInts(true)
      for (const row of statement.iterate()) {
        if (isSound(table, row)) rows.set(columns.map(column => String(row[column])).join(' '), row)
      }
    } catch {
      // As far as it can be read.
    }
  }
  return [...rows.values()]
}

// What is lost must not be looked for under a key that is given to something else later.
function withoutLost(task: Row, keys: ReadonlySet<number>): Row {
  const has = (column: string): boolean => keys.has(Number(task[column]))
  const isWithoutWork = task['hidden'] !== null && !has('hidden')
  const {sequence = null, sum: _sum, ...before} = task
  const values = {
    ...before,
    ...(isWithoutWork || !has('snapshot') ? {snapshot: lost} : {}),
    ...(isWithoutWork ? {hidden: null} : {}),
    ...(has('batch') ? {} : {batch: null})
  }
  return {sequence, ...values, sum: sumOf(Object.values(values))}
}

function insert(to: DatabaseSync, table: string, row: Row): void {
  const columns = Object.keys(row)
  const marks = columns.map(() => '?').join(', ')
  to.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${marks})`).run(
    ...(Object.values(row) as SQLInputValue[])
  )
}

// Numbers are never used again, whichever rows are lost.
function mendCounters(from: DatabaseSync, to: DatabaseSync): void {
  const sessions = new JournalSessions(to)
  const known = new Set(sessions.all().map(({identifier}) => identifier))
  const places = to.prepare(
    `SELECT session, min(seq) AS first, max(seq) AS last FROM
       (SELECT session, seq FROM events UNION ALL SELECT session, told AS seq FROM tasks) GROUP BY session`
  )
  for (const {session, first, last} of places.all()) {
    const place = sessions.find(String(session))
    const acknowledged = known.has(place.identifier) ? place.acknowledged : Number(first ?? 0) - 1
    sessions.write({...place, acknowledged, told: Math.max(place.told, Number(last ?? -1) + 1)})
  }
  mendSequences(from, to)
}

function mendSequences(from: DatabaseSync, to: DatabaseSync): void {
  const raise = to.prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
  const begin = to.prepare(
    'INSERT INTO sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)'
  )
  try {
    for (const {name, seq} of from.prepare('SELECT name, seq FROM sqlite_sequence').all()) {
      if (typeof name !== 'string' || typeof seq !== 'number') continue
      begin.run(name, name)
      raise.run(seq, name)
    }
  } catch {
    // The highest numbers that could be read are used then.
  }
}
