import {closeSync, fsync, openSync} from 'node:fs'
import {promisify} from 'node:util'

const flush = promisify(fsync)
// What file systems say that cannot flush a folder; the rename itself has happened.
const unsupported = new Set(['EINVAL', 'ENOTSUP', 'ENOTTY', 'EISDIR', 'EPERM', 'EACCES'])

/** Flushes a folder, so that a new name in it survives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const file = openSync(folder, 'r')
    try {
      await flush(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (!unsupported.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
