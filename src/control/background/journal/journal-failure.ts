import {TransferError, storeFailure} from '../../../engine/index.ts'
import {JournalDamage} from './journal-examination.ts'

// What SQLite says about a file that is as it should be: busy, locked, no memory, not writable, no input or output, full,
// cannot be opened, not permitted, a row that may not be twice.
const harmless = new Set([3, 5, 6, 7, 8, 10, 13, 14, 19, 23])

/** Does the error say that the file is damaged? Of a file of ours, whatever cannot be read or understood is. */
export function isDamage(error: unknown): boolean {
  if (error instanceof JournalDamage || error instanceof SyntaxError || error instanceof RangeError)
    return true
  if (!(error instanceof Error && 'errcode' in error)) return false
  return !harmless.has(Number(error.errcode) & 0xff)
}

/** The failure that another part of the program is told of. */
export function journalFailure(path: string, cause: unknown): unknown {
  if (!isDamage(cause)) return storeFailure(path, cause)
  return new TransferError('READ_FAILED', `The background journal ${path} is damaged`, {cause})
}
