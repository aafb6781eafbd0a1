import {closeSync, existsSync, lstatSync, openSync, truncateSync} from 'node:fs'
import type {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../../../engine/index.ts'
import {isCode} from '../../places.ts'
import {assertOwnFile} from '../own-file.ts'

/** A lock that is held; the kernel frees it with the process, however that ends. */
export interface Ownership {
  release(): void
}

/** Milliseconds for which a lock that is taken is tried again: its holder may be about to let it go. */
const usualPatience = 300
const interval = 20
const busy = [5, 6]
const notADatabase = 26

/**
 * Takes the lock that the file stands for, unless a process has it: a transaction of SQLite that may write, which is a lock
 * of the kernel on every system. Nothing is ever written. Throws WRITE_FAILED where the file cannot be made or locked, REFUSED
 * where what is there is none of ferry's.
 */
export async function takeOwnership(path: string, patience = usualPatience): Promise<Ownership | 'taken'> {
  const {DatabaseSync} = await import('node:sqlite')
  for (const deadline = performance.now() + patience; ; await sleep(interval * (1 + Math.random()))) {
    const ownership = attempt(DatabaseSync, path)
    if (ownership !== 'taken' || performance.now() >= deadline) return ownership
  }
}

/** Has any process the lock, if only to ask this question? Makes no file. */
export async function isOwned(path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const ownership = await takeOwnership(path, 0)
  if (ownership === 'taken') return true
  ownership.release()
  return false
}

function attempt(Sqlite: typeof DatabaseSync, path: string): Ownership | 'taken' {
  try {
    makeFile(path)
    assertOwnFile(path, lstatSync(path))
    const database = new Sqlite(path, {timeout: 0})
    try {
      // Not EXCLUSIVE, which takes several locks, one after the other: of two that come at once each could keep the other out.
      // In memory, or SQLite makes a file for the journal of what is never written; it does not let go of journals altogether.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
      return {release: () => database.close()}
    } catch (error) {
      database.close()
      throw error
    }
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    if (busy.includes(resultCode(cause))) return 'taken'
    if (resultCode(cause) !== notADatabase)
      throw new TransferError('WRITE_FAILED', `The lock ${path} cannot be taken`, {cause})
    // Nobody can have locked what is no database.
    truncateSync(path)
    return attempt(Sqlite, path)
  }
}

// Before SQLite would make it with the modes of the umask. One that is there is not touched: closing it would free the
// locks that this process has on it (fcntl(2)).
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
}

// The lower byte; the upper ones only say more of the same.
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}
