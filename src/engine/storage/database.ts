import {existsSync, renameSync} from 'node:fs'
import {dirname} from 'node:path'
import type {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'
import {pathToFileURL} from 'node:url'
import {TransferError} from '../transfer-error.ts'
import {isBusy, isDamage, isUnopened, storeFailure} from './database-failure.ts'
import {identityOf, preparePrivateFile} from './private-store-file.ts'
import {syncFolder} from './sync-folder.ts'

export interface DatabaseOptions {
  /** Absolute path of the file. Its folder is made when it is missing, for this user alone. */
  readonly path: string
  /** SQL that makes the tables where they are missing. */
  readonly tables: string
  /** Told what a user should know: a damaged file was put aside. */
  readonly report: (error: TransferError) => void
}

/** What this version writes, and the newest that it reads. */
export const schemaVersion = 1
/** Milliseconds for which another process may hold the file before BUSY. */
const busyTimeout = 5000

/**
 * One SQLite file of this user (mode 0600), opened at its first use. Looking creates nothing: without a file there is
 * nothing to find. Rejects with REFUSED for a file that others may read or write or that a newer ferry wrote, with BUSY
 * while another process holds it for too long, with WRITE_FAILED or NO_SPACE where it cannot be kept.
 */
export class Database {
  readonly #options: DatabaseOptions
  #open: DatabaseSync | undefined
  #opening: Promise<DatabaseSync> | undefined
  #identity: string | undefined

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** For looking: undefined where nothing was ever stored. */
  async reading(): Promise<DatabaseSync | undefined> {
    if (this.#open) return this.#open
    return existsSync(this.#options.path) ? this.writing() : undefined
  }

  /** For changing: makes the file where it is missing. */
  async writing(): Promise<DatabaseSync> {
    if (this.#open) return this.#open
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** What `use` finds; undefined where nothing was ever stored. A file that proves damaged is put aside first. */
  async look<T>(use: (database: DatabaseSync) => T): Promise<T | undefined> {
    const database = await this.reading()
    return database && this.#mended(database, use)
  }

  /** Does all of `use` or nothing of it, and has it on disk when it resolves. `use` may be called again: see look(). */
  async change<T>(use: (database: DatabaseSync) => T): Promise<T> {
    return this.#mended(await this.writing(), database => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = use(database)
        database.exec('COMMIT')
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    })
  }

  /** Everything written so far survives a power cut after this, and what was removed is gone from the files. */
  async flush(): Promise<void> {
    if (!this.#open) return
    await this.look(database => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    await syncFolder(dirname(this.#options.path))
  }

  close(): void {
    this.#open?.close()
    this.#open = undefined
  }

  async #mended<T>(database: DatabaseSync, use: (database: DatabaseSync) => T): Promise<T> {
    try {
      return use(database)
    } catch (error) {
      if (!isDamage(error)) throw storeFailure(this.#options.path, error)
      this.close()
      this.#putAside(error)
    }
    const fresh = await this.writing()
    try {
      return use(fresh)
    } catch (error) {
      throw storeFailure(this.#options.path, error)
    }
  }

  async #connect(): Promise<DatabaseSync> {
    const {DatabaseSync} = await import('node:sqlite')
    const {path} = this.#options
    const deadline = Date.now() + busyTimeout
    for (let isMended = false; ;) {
      try {
        preparePrivateFile(path)
        this.#identity = identityOf(path)
        this.#open = this.#connectOnce(DatabaseSync)
        return this.#open
      } catch (error) {
        if (isDamage(error) && !isMended) {
          isMended = true
          this.#putAside(error)
        } else if ((isBusy(error) || this.#isGone(error)) && Date.now() < deadline) {
          // Changing to WAL does not wait for others by itself; and another process may have put aside what was there.
          await sleep(5 + Math.random() * 20)
        } else throw storeFailure(path, error)
      }
    }
  }

  #connectOnce(Sqlite: typeof DatabaseSync): DatabaseSync {
    // SQLite itself would make a missing file, and one that others may read.
    const address = pathToFileURL(this.#options.path)
    address.searchParams.set('mode', 'rw')
    const database = new Sqlite(address, {timeout: busyTimeout})
    try {
      const version = versionOf(database)
      if (version > schemaVersion) {
        throw new TransferError('REFUSED', `The store ${this.#options.path} was written by a newer ferry`, {
          hint: 'Update ferry, or point FERRY_HOME at another folder.'
        })
      }
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
      database.exec(this.#options.tables)
      if (version < schemaVersion) database.exec(`PRAGMA user_version = ${schemaVersion}`)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  }

  #isGone(error: unknown): boolean {
    return isUnopened(error) && !existsSync(this.#options.path)
  }

  #putAside(cause: unknown): void {
    const {path, report} = this.#options
    const aside = `${path}.corrupt-${Date.now()}`
    try {
      if (!this.#moveAside(aside)) return
    } catch (error) {
      throw storeFailure(path, error)
    }
    report(
      new TransferError('READ_FAILED', `The store ${path} is damaged; it was put aside as ${aside}`, {cause})
    )
  }

  /** False when another process had done it already: what is there now is then a good one. */
  #moveAside(aside: string): boolean {
    const {path} = this.#options
    if (identityOf(path) !== this.#identity) return false
    // First what is beside it: once the name is free, another process may put its own there.
    for (const companion of ['-wal', '-shm']) {
      if (existsSync(path + companion)) renameSync(path + companion, aside + companion)
    }
    renameSync(path, aside)
    if (identityOf(aside) === this.#identity) return true
    // It was done in this very instant: the good one gets its name back, unless a third is there already.
    if (!existsSync(path)) renameSync(aside, path)
    return false
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}
