import {statfsSync} from 'node:fs'
import type {DownloadOptions} from '../download-task.ts'
import {syncFolder} from '../storage/sync-folder.ts'
import {freeName, prepareFolder} from './target.ts'

// tmpfs and ramfs: what they hold is gone with the power, flushed or not.
const volatileTypes = new Set([0x01021994, 0x858458f6])

interface Turn {
  readonly running: Promise<void>
  next: Promise<void> | undefined
}

/** What the downloads of a session know together of the folders they write to. */
export class Folders {
  readonly #turns = new Map<string, Turn>()
  readonly #prepared = new Set<string>()
  readonly #volatile = new Map<string, boolean>()
  #mode: number | undefined
  /** Names that a task of this session has chosen for itself, by task. */
  readonly #reserved = new Map<string, string>()

  /** newFileMode: where the umask of this process is not to decide. */
  constructor(newFileMode?: number) {
    this.#mode = newFileMode
  }

  /** Makes sure once that a folder can take files. Throws WRITE_FAILED. */
  prepare(options: DownloadOptions): void {
    if (this.#prepared.has(options.directory)) return
    prepareFolder(options)
    this.#prepared.add(options.directory)
  }

  /** What a new file may be: the umask is asked for once, because asking sets it. */
  get newFileMode(): number {
    return (this.#mode ??= 0o666 & ~process.umask())
  }

  /** The first free name for a task: F, or F.1, F.2 ... where F is there or another task of the session will make it. */
  reserve(path: string, taskId: string): string {
    const name = freeName(path, candidate => (this.#reserved.get(candidate) ?? taskId) !== taskId)
    this.#reserved.set(name, taskId)
    return name
  }

  /** Gives a reserved name back, when its task has ended. */
  release(path: string, taskId: string): void {
    if (this.#reserved.get(path) === taskId) this.#reserved.delete(path)
  }

  /** Is the folder in memory only, so that flushing means nothing? */
  isVolatile(folder: string): boolean {
    let answer = this.#volatile.get(folder)
    if (answer === undefined) {
      answer = process.platform === 'linux' && isInMemory(folder)
      this.#volatile.set(folder, answer)
    }
    return answer
  }

  /**
   * Flushes a folder for many files at once: whoever asks while a flush is running shares the one after it, which is
   * sure to begin after the asker's rename.
   */
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

function isInMemory(folder: string): boolean {
  try {
    return volatileTypes.has(statfsSync(folder).type)
  } catch {
    return false
  }
}
