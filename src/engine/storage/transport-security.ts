import {isIP} from 'node:net'
import {parseStrictTransportSecurity} from '../fields/strict-transport-security.ts'
import type {SessionConfiguration} from '../session-configuration.ts'
import type {TransferError} from '../transfer-error.ts'
import type {URLResponse} from '../url-request.ts'
import type {Database} from './database.ts'
import {DispensableDatabase} from './dispensable-database.ts'
import {forgetWritten} from './forget-written.ts'

export const transportSecurityTables = `CREATE TABLE IF NOT EXISTS strictHosts (
  session TEXT NOT NULL, host TEXT NOT NULL, includeSubDomains INTEGER NOT NULL, expires INTEGER NOT NULL,
  PRIMARY KEY (session, host)) STRICT, WITHOUT ROWID;`

export interface TransportSecurityOptions {
  readonly configuration: SessionConfiguration
  readonly name: string
  /** Absent: in memory. */
  readonly database: Database | undefined
  readonly report: (error: TransferError) => void
}

interface Demand {
  readonly includeSubDomains: boolean
  /** Milliseconds since 1970; 0 = it was taken back. */
  readonly expires: number
}

// A demand that is renewed with every answer is only written again when it would last notably longer.
const noticeable = 0.05
const lastMoment = 253_402_300_799_000

/** Hosts that are only spoken to over TLS because they said so (RFC 6797). */
export class TransportSecurity {
  readonly #options: TransportSecurityOptions
  readonly #database: DispensableDatabase
  /** What hosts said in this session. */
  readonly #heard = new Map<string, Demand>()

  constructor(options: TransportSecurityOptions) {
    this.#options = options
    this.#database = new DispensableDatabase(options)
  }

  /** The address to ask instead: https where its host wants that, with the port kept unless it is the usual one. */
  async upgrade(url: URL): Promise<URL> {
    const host = hostOf(url)
    if (url.protocol !== 'http:' || host === undefined || !(await this.#isStrict(host))) return url
    const secure = new URL(url)
    secure.protocol = 'https:'
    return secure
  }

  /** Takes what a host says over a trusted connection. The first of several headers counts. */
  async note(response: URLResponse): Promise<void> {
    const {url, headers} = response
    const host = hostOf(url)
    const value = headers.find(([name]) => name === 'strict-transport-security')?.[1]
    if (url.protocol !== 'https:' || host === undefined || value === undefined) return
    if (this.#options.configuration.keysFor(url).tls.insecure) return
    const demand = parseStrictTransportSecurity(value)
    if (!demand) return
    const {maxAge, includeSubDomains} = demand
    const expires = maxAge === 0 ? 0 : Math.min(Date.now() + maxAge * 1000, lastMoment)
    this.#heard.set(host, {includeSubDomains, expires})
  }

  /** Writes down what hosts said. */
  async flush(): Promise<void> {
    if (this.#heard.size === 0 || !this.#database.isInUse) return
    await this.#database.use(async database => {
      const news: [string, Demand][] = []
      const heard = [...this.#heard]
      for (const [host, demand] of heard) {
        if (isNews(await this.#find(database, host), demand)) news.push([host, demand])
      }
      if (news.length > 0) await this.#write(database, news)
      forgetWritten(this.#heard, heard)
    })
  }

  /** Rejects where the store cannot be emptied. */
  async reset(): Promise<void> {
    this.#heard.clear()
    const {database, name} = this.#options
    if (!(await database?.reading())) return
    await database?.change(open => open.prepare('DELETE FROM strictHosts WHERE session = ?').run(name))
  }

  async #isStrict(host: string): Promise<boolean> {
    const now = Date.now()
    const labels = host.split('.')
    for (let index = 0; index < labels.length; index++) {
      const name = labels.slice(index).join('.')
      const demand =
        this.#heard.get(name) ?? (await this.#database.use(database => this.#find(database, name)))
      if (demand && demand.expires > now && (index === 0 || demand.includeSubDomains)) return true
    }
    return false
  }

  #find(database: Database, host: string): Promise<Demand | undefined> {
    return database.look(open => {
      const row = open
        .prepare('SELECT includeSubDomains, expires FROM strictHosts WHERE session = ? AND host = ?')
        .get(this.#options.name, host)
      return row && {includeSubDomains: row['includeSubDomains'] === 1, expires: Number(row['expires'])}
    })
  }

  async #write(database: Database, news: readonly [string, Demand][]): Promise<void> {
    const {name} = this.#options
    await database.change(open => {
      for (const [host, {includeSubDomains, expires}] of news) {
        open
          .prepare('INSERT OR REPLACE INTO strictHosts VALUES (?, ?, ?, ?)')
          .run(name, host, Number(includeSubDomains), expires)
      }
      open.prepare('DELETE FROM strictHosts WHERE session = ? AND expires <= ?').run(name, Date.now())
    })
  }
}

function isNews(known: Demand | undefined, {includeSubDomains, expires}: Demand): boolean {
  if (!known) return expires > 0
  if (known.includeSubDomains !== includeSubDomains || expires < known.expires) return true
  return expires - known.expires > (expires - Date.now()) * noticeable
}

// RFC 6797, 8.1.1: addresses are no names. This machine's own name needs no TLS, and its ports have nothing in common.
function hostOf({hostname}: URL): string | undefined {
  const host = hostname.replace(/\.$/, '')
  const isOwnMachine = host === 'localhost' || host.endsWith('.localhost')
  return isOwnMachine || host.startsWith('[') || isIP(host) ? undefined : host
}
