import {statfsSync, statSync} from 'node:fs'
import {dirname} from 'node:path'

/** A task that a full disk has stopped. */
export interface Stuck {
  readonly id: string
  /** Absolute path of the folder that is written to. */
  readonly folder: string
  /** Bytes that are still to be written, where that is known. */
  readonly missing: number | undefined
  /** Milliseconds that it has left of its whole time; to wait for a disk uses them up like any other waiting (B6). */
  readonly left: number
}

export interface SpaceWatchOptions {
  /** Milliseconds between two looks. */
  readonly interval: number
  /** There may be room again. */
  readonly retry: () => void
  /** Bytes that this user may still write into a folder. */
  readonly freeSpace?: (folder: string) => number
}

interface Waiting {
  readonly folder: string
  readonly needs: number
  readonly left: number
  readonly since: number
  /** Somebody other than the disk itself refuses (a quota): nobody knows what is left but by trying. */
  refused: boolean
}

/** What came of a wait. */
interface Waited {
  /** Milliseconds. */
  readonly time: number
  readonly end: 'room' | 'overdue'
}

// With less, a download could not even begin.
const least = 1024 * 1024

/**
 * Knows which tasks wait for room on a disk, and looks from time to time whether there is some; only while one waits. Of
 * those that were refused although there was room, one tries for all.
 */
export class SpaceWatch {
  readonly #options: SpaceWatchOptions
  readonly #stuck = new Map<string, Waiting>()
  /** Those that were let go when there was room, until they have got on. */
  readonly #trying = new Map<string, Waited>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpaceWatchOptions) {
    this.#options = options
  }

  /** Milliseconds between two looks. */
  get interval(): number {
    return this.#options.interval
  }

  /** Does the task wait for room, or try whether there is some? */
  has(id: string): boolean {
    return this.#stuck.has(id) || this.#trying.has(id)
  }

  /** Must it not start before there is room? */
  isWaiting(id: string): boolean {
    return this.#stuck.has(id)
  }

  /** Milliseconds that a task has waited which is to start now. */
  waited(id: string): number {
    return this.#trying.get(id)?.time ?? 0
  }

  add({id, folder, missing, left}: Stuck): void {
    const needs = Math.max(least, missing ?? least)
    this.#trying.delete(id)
    const refused = this.#free(folder) >= needs
    this.#stuck.set(id, {folder, needs, left, since: performance.now(), refused})
    this.#timer ??= setInterval(() => this.look(), this.#options.interval)
  }

  /** Would a task that writes to this folder get stuck at once? Not one that tries for others, nor one whose time is over. */
  isFull(folder: string, id: string): boolean {
    const trying = this.#trying.get(id)
    if (this.#stuck.size === 0 || trying?.end === 'overdue') return false
    const device = deviceOf(folder)
    const isRefused = [...this.#stuck.values()].some(each => each.refused && deviceOf(each.folder) === device)
    return (isRefused && !trying) || this.#free(folder) < least
  }

  /** The task does not wait for room any more; where it got on, those can that were refused like it. */
  remove(id: string): void {
    const isThrough = this.#trying.delete(id)
    this.#stuck.delete(id)
    const others = isThrough ? [...this.#stuck].filter(([, {refused}]) => refused) : []
    this.#letGo(others.map(([other]) => other))
  }

  stop(): void {
    this.#stuck.clear()
    this.#trying.clear()
    this.#letGo([])
  }

  /** Looks now. */
  look(): void {
    const freed: string[] = []
    let probes = 0
    for (const [id, waiting] of this.#stuck) {
      const {folder, needs, refused} = waiting
      const mayTry = (): boolean => this.#free(folder) >= needs && !(refused && probes++ > 0)
      if (isOverdue(waiting) || mayTry()) freed.push(id)
    }
    this.#letGo(freed)
  }

  #letGo(ids: readonly string[]): void {
    for (const id of ids) {
      const waiting = this.#stuck.get(id)
      if (!waiting) continue
      this.#stuck.delete(id)
      const time = Math.round(performance.now() - waiting.since)
      this.#trying.set(id, {time, end: isOverdue(waiting) ? 'overdue' : 'room'})
    }
    if (this.#stuck.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    if (ids.length > 0) this.#options.retry()
  }

  #free(folder: string): number {
    const {freeSpace = bytesFree} = this.#options
    try {
      return freeSpace(nearestFolder(folder))
    } catch {
      // A folder that cannot be looked at is an error of its own, which the next start finds.
      return Infinity
    }
  }
}

function isOverdue({since, left}: Waiting): boolean {
  return performance.now() - since >= left
}

function bytesFree(folder: string): number {
  const {bavail, bsize} = statfsSync(folder)
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
