import {TransferError} from '../transfer-error.ts'
import type {Database} from './database.ts'

interface DatabaseOptions {
  /** Absent: there is nothing but memory. */
  readonly database: Database | undefined
  readonly report: (error: TransferError) => void
}

/**
 * The user's own database, for what transfers can do without: none must fail because it does. Where it fails that is
 * reported once, and it is not used again.
 */
export class DispensableDatabase {
  readonly #report: DatabaseOptions['report']
  #database: Database | undefined

  constructor({database, report}: DatabaseOptions) {
    this.#database = database
    this.#report = report
  }

  get isInUse(): boolean {
    return this.#database !== undefined
  }

  /** What the work finds; undefined where it cannot be done. */
  async use<T>(work: (database: Database) => Promise<T>): Promise<T | undefined> {
    if (!this.#database) return undefined
    try {
      return await work(this.#database)
    } catch (error) {
      if (!(error instanceof TransferError)) throw error
      this.#report(error)
      this.#database = undefined
      return undefined
    }
  }
}
