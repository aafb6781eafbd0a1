import {chmodSync, existsSync, lstatSync, mkdirSync, openSync, closeSync, renameSync} from 'node:fs'
import {dirname} from 'node:path'
import type {DatabaseSync} from 'node:sqlite'
import {TransferError} from '../transfer-error.ts'
import {syncFolder} from './sync-folder.ts'

export interface DatabaseOptions {
  /** Absolute path of the file. Its folder is made when it is missing, for this user alone. */
  readonly path: string
  /** SQL that makes the tables where they are missing. */
  readonly tables: string
  /** Told what a user should know: a damaged file was put aside. */
  readonly report: (error: TransferError) => void
}

const schemaVersion = 1
const busyTimeout = 5000

/**
 * One SQLite file of this user (mode 0600), opened at its first use. Looking creates nothing: without a file there is
 * nothing to find. Throws REFUSED for a file that others may read or write, or that a newer ferry wrote.
 */
export class Database {
  readonly #options: DatabaseOptions
  #open: DatabaseSync | undefined

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
    const {DatabaseSync} = await import('node:sqlite')
    return (this.#open ??= this.#connect(DatabaseSync))
  }

  /** Everything written so far survives a power cut after this. */
  async flush(): Promise<void> {
    if (!this.#open) return
    this.#open.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    await syncFolder(dirname(this.#options.path))
  }

  close(): void {
    this.#open?.close()
    this.#open = undefined
  }

  #connect(Sqlite: typeof DatabaseSync): DatabaseSync {
    const {path, tables} = this.#options
    prepareFile(path)
    const open = (): DatabaseSync => {
      const database = new Sqlite(path)
      database.exec(
        `PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`
      )
      assertVersion(database, path)
      database.exec(tables)
      database.exec(`PRAGMA user_version = ${schemaVersion}`)
      return database
    }
    try {
      return open()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#putAside(error)
      prepareFile(path)
      return open()
    }
  }

  #putAside(cause: unknown): void {
    const {path, report} = this.#options
    const aside = `${path}.corrupt-${Date.now()}`
    renameSync(path, aside)
    report(
      new TransferError('READ_FAILED', `The store ${path} is damaged; it was put aside as ${aside}`, {cause})
    )
  }
}

function prepareFile(path: string): void {
  mkdirSync(dirname(path), {recursive: true, mode: 0o700})
  const facts = lstatSync(path, {throwIfNoEntry: false})
  if (!facts) {
    closeSync(openSync(path, 'wx', 0o600))
    chmodSync(path, 0o600)
    return
  }
  if (!facts.isFile()) throw new TransferError('REFUSED', `The store ${path} is no regular file`)
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
    throw new TransferError('REFUSED', `The store ${path} is open to other users`, {
      hint: `Close it with: chmod 600 '${path}'`
    })
  }
}

function assertVersion(database: DatabaseSync, path: string): void {
  const {user_version: found} = database.prepare('PRAGMA user_version').get() as {user_version: number}
  if (found <= schemaVersion) return
  database.close()
  throw new TransferError('REFUSED', `The store ${path} was written by a newer ferry`)
}

// SQLITE_CORRUPT and SQLITE_NOTADB.
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26
}
