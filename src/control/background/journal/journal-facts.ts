import type {DatabaseSync} from 'node:sqlite'
import {sumOf} from './journal-sum.ts'

/** What the journal knows of itself under a name. */
export function factOf(database: DatabaseSync, name: string): string | undefined {
  const value = database.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.['value']
  return typeof value === 'string' ? value : undefined
}

export function writeFact(database: DatabaseSync, name: string, value: string): void {
  const values = [name, value]
  database
    .prepare('INSERT OR REPLACE INTO facts (name, value, sum) VALUES (?, ?, ?)')
    .run(name, value, sumOf(values))
}
