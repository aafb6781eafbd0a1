import {closeSync, existsSync, openSync, truncateSync} from 'node:fs'
import {TransferError} from '../../engine/index.ts'

/** A lock that is held; the kernel frees it with the process, however that ends. */
export interface Ownership {
  release(): void
}

// Of contenders that come at the same moment one has to wait until the others have given way; nobody holds it so briefly
// otherwise.
const patience = 300
const busy = [5, 6]
const notADatabase = 26

/**
 * Takes the lock that the file stands for, unless a process has it: an exclusive transaction of SQLite, which is a lock of
 * the kernel on every system. Nothing is ever written. Throws WRITE_FAILED where the file cannot be made or locked.
 */
export async function takeOwnership(path: string): Promise<Ownership | 'taken'> {
  const {DatabaseSync} = await import('node:sqlite')
  try {
    // Before SQLite would make it with the modes of the umask.
    closeSync(openSync(path, 'a', 0o600))
    const database = new DatabaseSync(path, {timeout: patience})
    try {
      database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
      return {release: () => database.close()}
    } catch (error) {
      database.close()
      throw error
    }
  } catch (cause) {
    if (busy.includes(resultCode(cause))) return 'taken'
    if (resultCode(cause) === notADatabase) return emptied(path)
    throw new TransferError('WRITE_FAILED', `The lock ${path} cannot be taken`, {cause})
  }
}

/** Has any process the lock? Makes no file. */
export async function isOwned(path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const ownership = await takeOwnership(path)
  if (ownership === 'taken') return true
  ownership.release()
  return false
}

// Nobody can have locked what is no database.
function emptied(path: string): Promise<Ownership | 'taken'> {
  truncateSync(path)
  return takeOwnership(path)
}

// The lower byte; the upper ones only say more of the same.
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}
