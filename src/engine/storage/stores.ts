import {join} from 'node:path'
import type {SessionConfiguration} from '../session-configuration.ts'
import type {TransferError} from '../transfer-error.ts'
import {cachedAnswersTable} from './cached-index.ts'
import {cookieTables} from './cookie-store.ts'
import {Cookies} from './cookies.ts'
import {Credentials} from './credentials.ts'
import {Database} from './database.ts'
import {ResponseCache} from './response-cache.ts'
import {TransportSecurity, transportSecurityTables} from './transport-security.ts'
import {UploadSupportStore, uploadSupportTable} from './upload-support-store.ts'

/** Where the stores of sessions live between runs. */
export interface StorePlace {
  /** Absolute path of a folder for this user alone; it is made when something has to be kept. */
  readonly folder: string
  /** Told what a user should know of: a store that was damaged, a secret that only a file could keep. */
  readonly report: (error: TransferError) => void
}

export interface StoreOptions {
  readonly configuration: SessionConfiguration
  /** The session's name: what one session stores, no other finds. */
  readonly name: string
  /** Absent, or in an ephemeral session: everything stays in memory. */
  readonly place: StorePlace | undefined
  /** Told what a user should know of; default: what the place says. */
  readonly report?: ((error: TransferError) => void) | undefined
}

/** What a session remembers: cookies, credentials, answers, who insists on TLS, and who lets uploads be continued. */
export class Stores {
  readonly cookies: Cookies
  readonly credentials: Credentials
  readonly cache: ResponseCache
  readonly transportSecurity: TransportSecurity
  readonly uploadSupport: UploadSupportStore
  readonly #database: Database | undefined

  constructor({configuration, name, place, report = place?.report}: StoreOptions) {
    const tellOnce = once(report)
    this.#database = place && openStores(place, tellOnce)
    const options = {configuration, name, database: this.#database, report: tellOnce}
    this.cookies = new Cookies(options)
    this.credentials = new Credentials({configuration, name, folder: place?.folder, report: tellOnce})
    this.cache = new ResponseCache({...options, folder: place?.folder})
    this.transportSecurity = new TransportSecurity(options)
    this.uploadSupport = new UploadSupportStore(options)
  }

  /**
   * Writes everything to disk; resolves when it would survive a power cut (R61). Rejects where a cookie file that the
   * configuration names cannot be written.
   */
  async flush(): Promise<void> {
    await this.transportSecurity.flush()
    await this.uploadSupport.flush()
    await this.#database?.flush()
    await this.credentials.flush()
    await this.cookies.flush()
  }

  /**
   * Forgets cookies, credentials, answers, TLS-only hosts and what servers support, in memory and on disk (R62). What can be forgotten is;
   * rejects where something could not.
   */
  async reset(): Promise<void> {
    const kinds = [this.cookies, this.credentials, this.transportSecurity, this.uploadSupport, this.cache]
    const results = await Promise.allSettled(kinds.map(each => each.reset()))
    const failure = results.find(({status}) => status === 'rejected')
    if (failure?.status === 'rejected') throw failure.reason
  }

  /** Writes what is not written yet, and lets go of the files. Rejects as flush() does. */
  async close(): Promise<void> {
    try {
      await this.transportSecurity.flush()
      await this.uploadSupport.flush()
      await this.cookies.flush()
    } finally {
      this.#database?.close()
      await this.credentials.close()
    }
  }
}

function openStores({folder}: StorePlace, report: (error: TransferError) => void): Database {
  const tables = cookieTables + transportSecurityTables + uploadSupportTable + cachedAnswersTable
  return new Database({path: join(folder, 'stores.sqlite'), tables, report})
}

// Both tables of a file that cannot be used would say the same.
function once(report: ((error: TransferError) => void) | undefined): (error: TransferError) => void {
  const told = new Set<string>()
  return error => {
    if (told.has(error.message)) return
    told.add(error.message)
    report?.(error)
  }
}
