import {open} from 'node:fs/promises'
import {dirname} from 'node:path'

// What file systems say that cannot flush a folder; the rename itself has happened.
const unsupported = new Set(['EINVAL', 'ENOTSUP', 'ENOTTY', 'EISDIR', 'EPERM', 'EACCES'])

/** Flushes the folder that holds the path, so that a new name in it survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const folder = await open(dirname(path), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    if (!unsupported.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
