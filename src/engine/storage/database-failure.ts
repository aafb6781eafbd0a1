import {TransferError} from '../transfer-error.ts'
import type {TransferErrorCode} from '../transfer-error.ts'

/** Is the file itself broken (SQLITE_CORRUPT, SQLITE_NOTADB)? */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes(resultCode(error))
}

/** Does another process hold the file (SQLITE_BUSY, SQLITE_LOCKED)? */
export function isBusy(error: unknown): boolean {
  return [5, 6].includes(resultCode(error))
}

/** Could the file not be opened (SQLITE_CANTOPEN)? */
export function isUnopened(error: unknown): boolean {
  return resultCode(error) === 14
}

/** What a failure of SQLite or of the file system means for a store; anything else stays what it is. */
export function storeFailure(path: string, cause: unknown): unknown {
  if (cause instanceof TransferError || !(cause instanceof Error && 'code' in cause)) return cause
  const [code, why] = meaningOf(cause)
  return new TransferError(code, `The store ${path} ${why}`, {cause})
}

function meaningOf(error: unknown): readonly [TransferErrorCode, string] {
  if (isBusy(error)) return ['BUSY', 'is held by another process']
  const system = error instanceof Error && 'code' in error ? String(error.code) : ''
  // SQLITE_FULL.
  if (resultCode(error) === 13 || system === 'ENOSPC' || system === 'EDQUOT') {
    return ['NO_SPACE', 'cannot be written: no space is left']
  }
  return ['WRITE_FAILED', `cannot be used: ${error instanceof Error ? error.message : String(error)}`]
}

// The lower byte; the upper ones only say more of the same.
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}
