import type {SQLOutputValue} from 'node:sqlite'
import type {UploadLimit} from '../fields/upload-limit.ts'
import type {TransferError} from '../transfer-error.ts'
import {indexedAddress} from './cached-index.ts'
import type {Database} from './database.ts'
import {DispensableDatabase} from './dispensable-database.ts'
import {forgetWritten} from './forget-written.ts'

export const uploadSupportTable = `CREATE TABLE IF NOT EXISTS uploadSupport (
  session TEXT NOT NULL, place TEXT NOT NULL, protocol TEXT NOT NULL, folder TEXT,
  maxSize INTEGER, minSize INTEGER, maxAppendSize INTEGER, minAppendSize INTEGER,
  versions TEXT, extensions TEXT, checksumAlgorithms TEXT, expires INTEGER NOT NULL,
  PRIMARY KEY (session, place)) STRICT, WITHOUT ROWID;`

/**
 * How a server lets uploads be continued. tus: at this address, with what it offers (undefined: it has not said).
 * ietf: with these limits, as far as they are known. unknown: it was asked, and has said nothing of either.
 */
export type UploadSupport =
  | {readonly protocol: 'tus'; readonly offer: TusOffer | undefined}
  | {readonly protocol: 'ietf'; readonly limit: UploadLimit}
  | {readonly protocol: 'unknown'}

/** What a server of tus says it can do (tus 1.0.0, OPTIONS). */
export interface TusOffer {
  /** Empty: it did not say. */
  readonly versions: readonly string[]
  readonly extensions: ReadonlySet<string>
  /** Bytes of an upload as a whole. */
  readonly maxSize: number | undefined
  readonly checksumAlgorithms: readonly string[]
}

export interface UploadSupportOptions {
  readonly name: string
  /** Absent: in memory. */
  readonly database: Database | undefined
  readonly report: (error: TransferError) => void
}

interface Fact {
  readonly support: UploadSupport
  /** The addresses right below this one have the limits that were told; see indexedAddress(). */
  readonly folder: string
  /** Milliseconds since 1970; 0 = it was taken back. */
  readonly expires: number
}

const day = 24 * 3600 * 1000
// Servers learn new things more often than they forget old ones.
const lifetime = {tus: 7 * day, ietf: 7 * day, unknown: day} as const

/**
 * What servers have said of the uploads they support, so that each is asked once. tus is spoken at the address where
 * uploads are created, the others at all addresses of an origin.
 */
export class UploadSupportStore {
  readonly #options: UploadSupportOptions
  readonly #database: DispensableDatabase
  /** What servers said in this session. */
  readonly #heard = new Map<string, Fact>()

  constructor(options: UploadSupportOptions) {
    this.#options = options
    this.#database = new DispensableDatabase(options)
  }

  /** What is known of the address; undefined: nobody has asked, or it was long ago. */
  async find(address: URL): Promise<UploadSupport | undefined> {
    for (const place of [exactPlace(address), address.origin]) {
      const fact =
        this.#heard.get(place) ?? (await this.#database.use(database => this.#look(database, place)))
      if (fact && fact.expires > Date.now()) return factAt(fact, address)
    }
    return undefined
  }

  /** Keeps what a server has said when it was asked at an address. */
  note(address: URL, support: UploadSupport): void {
    const place = support.protocol === 'tus' ? exactPlace(address) : address.origin
    const expires = Date.now() + lifetime[support.protocol]
    this.#heard.set(place, {support, folder: folderOf(address), expires})
  }

  /** What was known of the address has proved wrong: the server is asked again the next time. */
  forget(address: URL): void {
    const fact: Fact = {support: {protocol: 'unknown'}, folder: '', expires: 0}
    for (const place of [exactPlace(address), address.origin]) this.#heard.set(place, fact)
  }

  /** Writes down what servers said. */
  async flush(): Promise<void> {
    if (this.#heard.size === 0 || !this.#database.isInUse) return
    await this.#database.use(async database => {
      const news = [...this.#heard]
      const hasNews = news.some(([, {expires}]) => expires > 0) || (await database.reading()) !== undefined
      if (hasNews) await this.#write(database, news)
      forgetWritten(this.#heard, news)
    })
  }

  /** Rejects where the store cannot be emptied. */
  async reset(): Promise<void> {
    this.#heard.clear()
    const {database, name} = this.#options
    if (!(await database?.reading())) return
    await database?.change(open => open.prepare('DELETE FROM uploadSupport WHERE session = ?').run(name))
  }

  #look(database: Database, place: string): Promise<Fact | undefined> {
    return database.look(open => {
      const row = open
        .prepare('SELECT * FROM uploadSupport WHERE session = ? AND place = ?')
        .get(this.#options.name, place)
      return row && factIn(row)
    })
  }

  async #write(database: Database, news: readonly [string, Fact][]): Promise<void> {
    const {name} = this.#options
    await database.change(open => {
      const insert = open.prepare(
        'INSERT OR REPLACE INTO uploadSupport VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
      )
      for (const [place, fact] of news) insert.run(name, place, ...columnsOf(fact))
      open.prepare('DELETE FROM uploadSupport WHERE session = ? AND expires <= ?').run(name, Date.now())
    })
  }
}

// An address may be a secret of its own; its origin is none.
function exactPlace({origin, pathname}: URL): string {
  return indexedAddress(origin + pathname)
}

function folderOf({origin, pathname}: URL): string {
  return indexedAddress(origin + pathname.slice(0, pathname.lastIndexOf('/') + 1))
}

// Limits may differ from place to place: those of another folder could forbid what is allowed here.
function factAt({support, folder}: Fact, address: URL): UploadSupport {
  if (support.protocol !== 'ietf' || folder === folderOf(address)) return support
  return {protocol: 'ietf', limit: {}}
}

type Column = string | number | null

function columnsOf({support, folder, expires}: Fact): readonly Column[] {
  const limit: UploadLimit = support.protocol === 'ietf' ? support.limit : {}
  const offer = support.protocol === 'tus' ? support.offer : undefined
  const maxSize = limit.maxSize ?? offer?.maxSize ?? null
  const sizes = [maxSize, limit.minSize ?? null, limit.maxAppendSize ?? null, limit.minAppendSize ?? null]
  const lists = [offer?.versions, offer?.extensions, offer?.checksumAlgorithms]
  return [
    support.protocol,
    folder,
    ...sizes,
    ...lists.map(list => (list ? [...list].join(',') : null)),
    expires
  ]
}

type Row = Record<string, SQLOutputValue>

function factIn(row: Row): Fact {
  const {protocol, folder, expires} = row
  const fact = {folder: String(folder), expires: Number(expires)}
  if (protocol === 'ietf') return {...fact, support: {protocol, limit: limitIn(row)}}
  if (protocol === 'tus') return {...fact, support: {protocol, offer: offerIn(row)}}
  return {...fact, support: {protocol: 'unknown'}}
}

function limitIn(row: Row): UploadLimit {
  const names = ['maxSize', 'minSize', 'maxAppendSize', 'minAppendSize'] as const
  return Object.fromEntries(names.map(name => [name, row[name]]).filter(([, value]) => value !== null))
}

function offerIn(row: Row): TusOffer | undefined {
  if (row['extensions'] === null) return undefined
  const list = (name: string): readonly string[] =>
    String(row[name] ?? '')
      .split(',')
      .filter(Boolean)
  const maxSize = row['maxSize'] === null ? undefined : Number(row['maxSize'])
  return {
    versions: list('versions'),
    extensions: new Set(list('extensions')),
    maxSize,
    checksumAlgorithms: list('checksumAlgorithms')
  }
}
