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

interface Turn {
  readonly running: Promise<void>
  next: Promise<void> | undefined
}

/**
 * Flushes folders for many files at once: whoever asks while a flush is running shares the one after it, which is sure to
 * begin after the asker's rename.
 */
export class FolderFlushes {
  readonly #turns = new Map<string, Turn>()

  flush(folder: string): Promise<void> {
    const turn = this.#turns.get(folder)
    if (!turn) return this.#begin(folder)
    turn.next ??= turn.running.catch(() => {}).then(() => this.#begin(folder))
    return turn.next
  }

  #begin(folder: string): Promise<void> {
    const running = syncFolder(folder).finally(() => {
      if (this.#turns.get(folder)?.running === running) this.#turns.delete(folder)
    })
    this.#turns.set(folder, {running, next: undefined})
    return running
  }
}
