import type {DatabaseSync} from 'node:sqlite'
import {busyTimeout} from './journal-file.ts'

/** Milliseconds until the file is cleaned that somebody was reading. */
const nextTry = 500

/**
 * Sees to it that what was overwritten goes from the disk. It is in the log of changes as it was before, until that has come
 * into the file and is cut off. A reader, or a full disk, may keep that from happening now: it is tried again soon, as this may
 * be the last change.
 */
export class JournalEraser {
  readonly #database: () => DatabaseSync
  /** Have secrets gone that may still be in the file? What an earlier daemon left is not known. */
  #isUnclean = true
  #next: NodeJS.Timeout | undefined

  constructor(database: () => DatabaseSync) {
    this.#database = database
  }

  /** Secrets have gone. */
  mark(): void {
    this.#isUnclean = true
  }

  erase(): void {
    clearTimeout(this.#next)
    if (!this.#isUnclean) return
    const database = this.#database()
    try {
      database.exec('PRAGMA busy_timeout = 0')
      this.#isUnclean = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0
    } catch {
      this.#isUnclean = true
    } finally {
      database.exec(`PRAGMA busy_timeout = ${busyTimeout}`)
    }
    if (this.#isUnclean) this.#next = setTimeout(() => this.erase(), nextTry).unref()
  }

  /** A last time. */
  close(): void {
    this.erase()
    clearTimeout(this.#next)
  }
}
