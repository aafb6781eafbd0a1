import {statSync} from 'node:fs'
import {statfs} from 'node:fs/promises'
import {dirname} from 'node:path'

/** A task that a full disk has stopped. */
export interface Stuck {
  readonly id: string
  /** Absolute path of the folder that is written to. */
  readonly folder: string
}

export interface SpaceWatchOptions {
  /** Milliseconds between two looks. */
  readonly interval: number
  /** There may be room again. */
  readonly retry: () => void
  /** Bytes that this user may still write into a folder. */
  readonly freeSpace?: (folder: string) => Promise<number>
}

// With less, a download could not even begin.
const least = 1024 * 1024

/** Knows which disks are full, and looks from time to time whether they still are; only while a task waits for it. */
export class SpaceWatch {
  readonly #options: SpaceWatchOptions
  readonly #freeSpace: (folder: string) => Promise<number>
  readonly #stuck = new Map<string, Stuck>()
  /** Those that were let go when there was room. */
  readonly #trying = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpaceWatchOptions) {
    this.#options = options
    this.#freeSpace = options.freeSpace ?? freeSpace
  }

  /** Milliseconds between two looks. */
  get interval(): number {
    return this.#options.interval
  }

  /** Does the task wait for room, or try whether there is some? */
  has(id: string): boolean {
    return this.#stuck.has(id) || this.#trying.has(id)
  }

  /** Must it not start, as long as nobody has looked? */
  isWaiting(id: string): boolean {
    return this.#stuck.has(id)
  }

  add(stuck: Stuck): void {
    this.#trying.delete(stuck.id)
    this.#stuck.set(stuck.id, stuck)
    this.#timer ??= setInterval(() => void this.look(), this.#options.interval)
  }

  /** The task does not wait for room any more. */
  remove(id: string): void {
    this.#trying.delete(id)
    this.#free(id)
  }

  #free(id: string): void {
    this.#stuck.delete(id)
    if (this.#stuck.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Is the disk of this folder one that has just refused a write? */
  isFull(folder: string): boolean {
    if (this.#stuck.size === 0) return false
    const device = deviceOf(folder)
    return [...this.#stuck.values()].some(each => deviceOf(each.folder) === device)
  }

  stop(): void {
    for (const id of [...this.#stuck.keys()]) this.remove(id)
  }

  /** Looks now. */
  async look(): Promise<void> {
    const freed: string[] = []
    for (const {id, folder} of this.#stuck.values()) {
      // A folder that is gone is an error of its own, which the next start finds.
      const free = await this.#freeSpace(folder).catch(() => Infinity)
      if (free >= least) freed.push(id)
    }
    for (const id of freed) {
      this.#free(id)
      this.#trying.add(id)
    }
    if (freed.length > 0) this.#options.retry()
  }
}

async function freeSpace(folder: string): Promise<number> {
  const {bavail, bsize} = await statfs(nearestFolder(folder))
  return bavail * bsize
}

function deviceOf(folder: string): number | undefined {
  return statSync(nearestFolder(folder), {throwIfNoEntry: false})?.dev
}

// A folder that a download is to make does not exist before.
function nearestFolder(folder: string): string {
  const isThere = statSync(folder, {throwIfNoEntry: false}) !== undefined
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}
