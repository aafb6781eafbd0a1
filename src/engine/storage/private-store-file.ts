import {closeSync, fchmodSync, lstatSync, openSync} from 'node:fs'
import {basename, dirname} from 'node:path'
import {TransferError} from '../transfer-error.ts'
import {makeFolder} from './make-folder.ts'

/** Bytes that the longest name made from a store's own adds: ".corrupt-", a time, "-wal". */
const longestAddition = 9 + 13 + 4
const longestName = 255

/**
 * Makes the file where it is missing, readable by this user alone whatever the umask is. Throws REFUSED for what is no
 * regular file or open to others, WRITE_FAILED for a name that leaves no room for the files beside it (CVE-2023-46219).
 */
export function preparePrivateFile(path: string): void {
  if (Buffer.byteLength(basename(path)) + longestAddition > longestName) {
    throw new TransferError('WRITE_FAILED', `The name of the store ${path} is too long`)
  }
  if (!lstatSync(path, {throwIfNoEntry: false})) makeFile(path)
  const facts = lstatSync(path)
  if (!facts.isFile()) throw new TransferError('REFUSED', `The store ${path} is no regular file`)
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
    throw new TransferError('REFUSED', `The store ${path} is open to other users`, {
      hint: `Close it with: chmod 600 '${path}'`
    })
  }
}

/** Tells one file from another that later has the same name; undefined where there is none. */
export function identityOf(path: string): string | undefined {
  const facts = lstatSync(path, {throwIfNoEntry: false})
  return facts && `${facts.dev}:${facts.ino}`
}

function makeFile(path: string): void {
  makeFolder(dirname(path), 0o700)
  try {
    const file = openSync(path, 'wx', 0o600)
    // A umask may have taken away even what the user needs.
    fchmodSync(file, 0o600)
    closeSync(file)
  } catch (error) {
    // Another process was first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
