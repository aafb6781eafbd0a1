import {TransferError} from '../engine/index.ts'

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const {code = '', message = String(error)} = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied'
}

/** Catches what went wrong with a file of the user, and says it: READ_FAILED. */
export function unreadable(file: string): (cause: unknown) => never {
  return cause => {
    throw new TransferError('READ_FAILED', `The file ${file} cannot be read: ${whyUnreadable(cause)}`, {
      cause
    })
  }
}
