import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {SessionConfiguration} from '../session-configuration.ts'
import {TransferError} from '../transfer-error.ts'
import {answers} from './cached-answer.ts'
import type {CachedAnswer, CachedHead, CacheKey} from './cached-answer.ts'
import {CachedBodies, digestOf} from './cached-bodies.ts'
import {CachedIndex, indexedAddress} from './cached-index.ts'
import type {CachedEntry} from './cached-index.ts'
import {CachedMemory, sizeOf} from './cached-memory.ts'
import type {Database} from './database.ts'

export interface CacheOptions {
  readonly configuration: Pick<SessionConfiguration, 'kind' | 'keys'>
  /** The session's name: what one session stores, no other finds. */
  readonly name: string
  /** Where the stores are kept, with the index; undefined: in memory alone. */
  readonly folder: string | undefined
  readonly database: Database | undefined
  readonly report: (error: TransferError) => void
}

/** An answer as it was found. */
export interface FoundAnswer extends CachedAnswer {
  /** Where it is on disk; absent: in memory. */
  readonly entry?: CachedEntry
}

// No answer takes more than this share of its store, and none is held in memory that is larger than this.
const largestShare = 10
const largestBody = 64 << 20
// Every use would be a write of its own otherwise.
const noteworthyUse = 60_000

interface Disk {
  readonly folder: string
  readonly index: CachedIndex
  readonly bodies: CachedBodies
  readonly capacity: number
}

/**
 * Answers of data tasks that may be used again (NSURLCache; RFC 9111). On disk an answer is a row of the index and a
 * file with its body, which is only believed when its hash is right. Nothing that goes wrong here ends a transfer: it is
 * told once, and the server is asked.
 */
export class ResponseCache {
  readonly #memory: CachedMemory
  readonly #disk: Disk | undefined
  readonly #report: (error: TransferError) => void
  readonly #isUsed: boolean
  #hasReported = false
  #hasShrunk = false

  constructor({configuration, name, database, folder, report}: CacheOptions) {
    const {memoryBytes, diskBytes} = configuration.keys.cache
    this.#memory = new CachedMemory(memoryBytes)
    this.#isUsed = configuration.kind !== 'background'
    this.#report = report
    if (!database || folder === undefined) return
    const index = new CachedIndex(database, name)
    const bodies = new CachedBodies(folder, name)
    this.#disk = {folder: join(folder, 'cache'), index, bodies, capacity: diskBytes}
  }

  /** Bytes of the longest body that could be stored; 0 = none at all. */
  get longestBody(): number {
    const capacity = Math.max(this.#memory.capacity, this.#disk?.capacity ?? 0)
    return this.#isUsed ? Math.min(Math.floor(capacity / largestShare), largestBody) : 0
  }

  /** The answer to this request, whole and proven, however old. */
  async find(key: CacheKey): Promise<FoundAnswer | undefined> {
    if (!this.#isUsed) return undefined
    const found =
      this.#memory.find(key.url) ??
      (await this.#existing(disk => this.#findOn(disk, indexedAddress(key.url))))
    return found && answers(found.head, key) ? found : undefined
  }

  /** Keeps an answer in the place of the one before. memory: for this process only. */
  async store(url: string, answer: CachedAnswer, where: 'store' | 'memory'): Promise<void> {
    const size = sizeOf(answer)
    const disk = where === 'store' ? this.#disk : undefined
    const isForDisk = disk !== undefined && size * largestShare <= disk.capacity
    // What is smaller than its share of the disk may be too large for memory, and the other way round.
    const isForMemory = !isForDisk && size * largestShare <= this.#memory.capacity
    if (isForMemory) this.#memory.store(url, answer)
    else this.#memory.remove(url)
    if (isForDisk) await this.#guarded(() => this.#storeOn(disk, indexedAddress(url), answer))
    else await this.#existing(existing => this.#removeFrom(existing, indexedAddress(url)))
  }

  /** Notes what a server says anew of an answer it has confirmed. */
  async refresh(url: string, {body, entry}: FoundAnswer, head: CachedHead): Promise<void> {
    if (!entry) return this.#memory.store(url, {head, body})
    await this.#guarded(({index}) =>
      index.update({...entry, head, size: sizeOf({head, body}), used: Date.now()})
    )
  }

  /** Forgets what is stored for an address. */
  async forget(url: string): Promise<void> {
    this.#memory.remove(url)
    await this.#existing(disk => this.#removeFrom(disk, indexedAddress(url)))
  }

  /** Forgets everything; rejects where something could not be removed. */
  async reset(): Promise<void> {
    this.#memory.clear()
    await this.#disk?.index.clear()
    await this.#disk?.bodies.clear()
  }

  async #findOn(disk: Disk, address: string): Promise<FoundAnswer | undefined> {
    await this.#shrink(disk)
    const entry = await disk.index.find(address)
    if (!entry) return undefined
    const body = await disk.bodies.read(entry.file, entry.sha256)
    if (!body) {
      await disk.bodies.remove(await disk.index.remove(address, entry.file))
      return undefined
    }
    const used = Date.now()
    if (Math.abs(used - entry.used) > noteworthyUse) await disk.index.update({...entry, used})
    return {head: entry.head, body, entry}
  }

  async #storeOn(disk: Disk, address: string, answer: CachedAnswer): Promise<void> {
    const {index, bodies, capacity} = disk
    const file = await bodies.write(answer.body)
    const entry = {
      address,
      head: answer.head,
      file,
      sha256: digestOf(answer.body),
      size: sizeOf(answer),
      used: Date.now()
    }
    const superfluous = await index.put(entry, capacity).catch(async (error: unknown) => {
      await bodies.remove([file])
      throw error
    })
    await bodies.remove(superfluous)
    if (await bodies.isDueForSweep()) await bodies.sweep(await index.files())
  }

  async #removeFrom({index, bodies}: Disk, address: string): Promise<void> {
    if (await index.find(address)) await bodies.remove(await index.remove(address))
  }

  // A smaller capacity than that of the process before (P20).
  async #shrink({index, bodies, capacity}: Disk): Promise<void> {
    if (this.#hasShrunk) return
    this.#hasShrunk = true
    await bodies.remove(await index.shrink(capacity))
  }

  // Without a folder nothing was ever stored, and nothing has to be opened to know it.
  async #existing<T>(use: (disk: Disk) => Promise<T>): Promise<T | undefined> {
    return this.#disk && existsSync(this.#disk.folder) ? this.#guarded(use) : undefined
  }

  async #guarded<T>(use: (disk: Disk) => Promise<T>): Promise<T | undefined> {
    const disk = this.#disk
    if (!disk) return undefined
    try {
      return await use(disk)
    } catch (cause) {
      if (!this.#hasReported) this.#report(cacheFailure(cause))
      this.#hasReported = true
      return undefined
    }
  }
}

function cacheFailure(cause: unknown): TransferError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
  const code = cause instanceof TransferError ? cause.code : isFull ? 'NO_SPACE' : 'WRITE_FAILED'
  return new TransferError(code, `The response cache cannot be used: ${why}`, {cause})
}
