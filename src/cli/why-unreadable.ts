import {TransferError, whyUnreadable} from '../engine/index.ts'

/** Catches what went wrong with a file of the user, and says it: READ_FAILED. */
export function unreadable(file: string): (cause: unknown) => never {
  return cause => {
    throw new TransferError('READ_FAILED', `The file ${file} cannot be read: ${whyUnreadable(cause)}`, {
      cause
    })
  }
}
