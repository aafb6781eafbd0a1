import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync
} from 'node:fs'
import {openOwnFile} from '../own-file.ts'

const largest = 1024 * 1024
const longestReason = 2000

export interface DaemonLogOptions {
  readonly path: string
  /** Makes a sentence fit for a log: no secrets, no control characters. */
  readonly clean: (sentence: string) => string
}

/**
 * The daemon's log: a line for each thing worth knowing, with its time and process. One older file is kept. The standard
 * streams of the process lead into the same file, so it is emptied and never renamed. Never throws: a full disk must not
 * end the transfers.
 */
export class DaemonLog {
  readonly #options: DaemonLogOptions
  readonly #file: number

  /** Throws REFUSED, and the system's error, where the file cannot be opened. */
  constructor(options: DaemonLogOptions) {
    this.#options = options
    this.#file = openLog(options.path)
  }

  readonly write = (sentence: string): void => {
    const line = `${new Date().toISOString()} ${process.pid} ${this.#options.clean(sentence)}\n`
    try {
      this.#rotate()
      writeSync(this.#file, line)
    } catch {
      // There is nobody left to tell.
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  #rotate(): void {
    if (fstatSync(this.#file).size < largest) return
    const older = `${this.#options.path}.1`
    rmSync(older, {force: true})
    copyFileSync(this.#options.path, older, constants.COPYFILE_EXCL)
    ftruncateSync(this.#file, 0)
  }
}

/** Opens the log for adding to it, for this user alone. Throws REFUSED, and the system's error. */
export function openLog(path: string): number {
  return openOwnFile(path)
}

/** How long the log is now: what comes later is news. */
export function logSize(file: number): number {
  return fstatSync(file).size
}

/** The end of what was added to the log after that size, on one line; empty = nothing was. */
export function logSince(path: string, size: number): string {
  const file = openSync(path, 'r')
  try {
    const now = fstatSync(file).size
    const from = Math.max(now < size ? 0 : size, now - longestReason)
    const bytes = Buffer.alloc(now - from)
    const text = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).toString('utf8')
    const lines = text.split('\n').filter(line => line.trim() !== '')
    return lines.slice(-3).join(' | ')
  } finally {
    closeSync(file)
  }
}
