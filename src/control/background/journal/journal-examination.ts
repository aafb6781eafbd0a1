import type {DatabaseSync} from 'node:sqlite'
import {TransferError} from '../../../engine/index.ts'
import {schemaVersion, versionOf} from './journal-schema.ts'
import {unseal} from './journal-secrets.ts'
import {isWhole} from './journal-sum.ts'
import type {Row} from './journal-sum.ts'

/** The file is not what was written. */
export class JournalDamage extends Error {
  override readonly name = 'JournalDamage'
}

/** The tables, with the columns that order them. */
export const tables = {
  facts: ['name'],
  sessions: ['identifier'],
  secrets: ['key'],
  tasks: ['sequence'],
  events: ['session', 'seq']
} as const

/** Throws REFUSED for a journal that a newer ferry has made. */
export function assertReadable(database: DatabaseSync, path: string): void {
  if (versionOf(database) <= schemaVersion) return
  throw new TransferError('REFUSED', `The background journal ${path} was made by a newer ferry`, {
    hint: 'Update ferry, or point FERRY_HOME at another folder.'
  })
}

/** Reads all of a journal of this version. Throws JournalDamage, or an error of SQLite, where it is not as it was written. */
export function examine(database: DatabaseSync): void {
  const verdict = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']
  if (verdict !== 'ok') throw new JournalDamage(String(verdict))
  for (const table of Object.keys(tables)) {
    const statement = database.prepare(`SELECT * FROM ${table}`)
    statement.setReadBigInts(true)
    for (const row of statement.iterate()) {
      if (!isSound(table, row)) throw new JournalDamage(`A row of ${table} is not as it was written`)
    }
  }
}

/** Is a row of that table as it was written? */
export function isSound(table: string, row: Row): boolean {
  return table === 'secrets' ? isErased(row['content']) || unseal(row['content']) !== undefined : isWhole(row)
}

function isErased(content: unknown): boolean {
  return content instanceof Uint8Array && content.every(byte => byte === 0)
}
