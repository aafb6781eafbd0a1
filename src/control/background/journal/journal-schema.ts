import type {DatabaseSync} from 'node:sqlite'

// The last column of a row is a sum over the others but the sequence: what the disk has changed is noticed (isWhole). What
// a person may keep secret is in `secrets` alone; see JournalSecrets.
const version1 = `
  CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    identifier TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, told INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
    sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE secrets (key INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL) STRICT;
  CREATE TABLE tasks (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, session TEXT NOT NULL, snapshot INTEGER NOT NULL,
    work TEXT NOT NULL, label TEXT, priority REAL NOT NULL, earliestBegin REAL, created REAL NOT NULL,
    hidden INTEGER, state TEXT NOT NULL, ended REAL, spent REAL NOT NULL, attempts INTEGER NOT NULL, record TEXT NOT NULL,
    exitCode INTEGER, resumeData TEXT, placing TEXT, sent INTEGER NOT NULL, told INTEGER, batch INTEGER, sum INTEGER NOT NULL) STRICT;
  CREATE INDEX startable ON tasks (session, priority DESC, sequence, earliestBegin) WHERE state = 'waiting';
  CREATE INDEX beginnings ON tasks (earliestBegin) WHERE state = 'waiting' AND earliestBegin IS NOT NULL;
  CREATE INDEX states ON tasks (session, state);
  CREATE INDEX unfinished ON tasks (sequence) WHERE ended IS NULL;
  CREATE INDEX ends ON tasks (ended) WHERE ended IS NOT NULL;
  CREATE INDEX snapshots ON tasks (snapshot) WHERE ended IS NULL;
  CREATE INDEX batches ON tasks (batch, session) WHERE batch IS NOT NULL;
  CREATE TABLE events (
    session TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, task TEXT, time TEXT NOT NULL, facts TEXT NOT NULL,
    sum INTEGER NOT NULL, PRIMARY KEY (session, seq)) STRICT, WITHOUT ROWID;`

/** What makes each version of the journal out of the one before; the first makes it out of nothing. */
export const migrations: readonly string[] = [version1]

/** What this version writes, and the newest that it reads. */
export const schemaVersion = migrations.length

export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** Takes a journal of any earlier version to the newest: all of the way or nothing of it. Throws errors of SQLite. */
export function migrate(database: DatabaseSync, steps = migrations): void {
  const version = versionOf(database)
  if (version >= steps.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of steps.slice(version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${steps.length}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
