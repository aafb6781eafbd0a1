import {createHash} from 'node:crypto'
import type {DatabaseSync} from 'node:sqlite'
import type {CachedHead} from './cached-answer.ts'
import type {Database} from './database.ts'

/** SQL that makes the index of stored answers. One answer for an address: the newest. */
export const cachedAnswersTable = `
  CREATE TABLE IF NOT EXISTS cached_answers (
    session TEXT NOT NULL,
    address TEXT NOT NULL,
    head TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (session, address)
  ) STRICT;`

/** An address as the index has it: what is secret in it, or tells where somebody was, is not to be read there. */
export function indexedAddress(url: string): string {
  return createHash('sha256').update(url).digest('base64url')
}

/** A stored answer without its body. */
export interface CachedEntry {
  /** See indexedAddress(). */
  readonly address: string
  readonly head: CachedHead
  /** Name of the body's file, and what it has to contain. */
  readonly file: string
  readonly sha256: string
  /** Bytes of head and body. */
  readonly size: number
  /** When it was used last, in milliseconds since the epoch. */
  readonly used: number
}

type Row = Readonly<Record<string, unknown>>

/** Which answers of one session are on disk, and when each was used last. */
export class CachedIndex {
  readonly #database: Database
  readonly #session: string

  constructor(database: Database, session: string) {
    this.#database = database
    this.#session = session
  }

  async find(address: string): Promise<CachedEntry | undefined> {
    const row = await this.#database.look(database =>
      database
        .prepare('SELECT * FROM cached_answers WHERE session = ? AND address = ?')
        .get(this.#session, address)
    )
    return row && entryOf(row)
  }

  /** Puts an entry in the place of the one before; names of the files that nobody needs any more. */
  async put(
    {address, head, file, sha256, size, used}: CachedEntry,
    capacity: number
  ): Promise<readonly string[]> {
    return this.#database.change(database => {
      const before = this.#filesOf(database, address).filter(name => name !== file)
      const values = [this.#session, address, JSON.stringify(head), file, sha256, size, used] as const
      database.prepare('INSERT OR REPLACE INTO cached_answers VALUES (?, ?, ?, ?, ?, ?, ?)').run(...values)
      return [...before, ...this.#evict(database, capacity)]
    })
  }

  /** Notes a new head, or a new use, unless another answer has taken the entry's place. */
  async update({address, head, file, size, used}: CachedEntry): Promise<void> {
    const values = [JSON.stringify(head), size, used, this.#session, address, file] as const
    await this.#database.change(database =>
      database
        .prepare(
          'UPDATE cached_answers SET head = ?, size = ?, used = ? WHERE session = ? AND address = ? AND file = ?'
        )
        .run(...values)
    )
  }

  /** Forgets one address; with a file's name only as long as that is its body. Names of files nobody needs any more. */
  async remove(address: string, file?: string): Promise<readonly string[]> {
    return this.#database.change(database => {
      const files = this.#filesOf(database, address).filter(name => file === undefined || name === file)
      for (const name of files) {
        database
          .prepare('DELETE FROM cached_answers WHERE session = ? AND address = ? AND file = ?')
          .run(this.#session, address, name)
      }
      return files
    })
  }

  /** Forgets those used longest ago until the others fit; names of files nobody needs any more. */
  async shrink(capacity: number): Promise<readonly string[]> {
    const size = await this.#database.look(database => this.#sizeIn(database))
    return (size ?? 0) > capacity ? this.#database.change(database => this.#evict(database, capacity)) : []
  }

  async files(): Promise<ReadonlySet<string>> {
    const rows = await this.#database.look(database =>
      database.prepare('SELECT file FROM cached_answers WHERE session = ?').all(this.#session)
    )
    return new Set(rows?.map(row => String(row['file'])))
  }

  /** Forgets everything of the session. */
  async clear(): Promise<void> {
    if (!(await this.#database.reading())) return
    await this.#database.change(database =>
      database.prepare('DELETE FROM cached_answers WHERE session = ?').run(this.#session)
    )
  }

  #evict(database: DatabaseSync, capacity: number): string[] {
    let excess = this.#sizeIn(database) - capacity
    if (excess <= 0) return []
    const files: string[] = []
    const rows = database
      .prepare('SELECT address, file, size FROM cached_answers WHERE session = ? ORDER BY used, rowid')
      .all(this.#session)
    for (const row of rows) {
      if (excess <= 0) break
      excess -= Number(row['size'])
      files.push(String(row['file']))
      database
        .prepare('DELETE FROM cached_answers WHERE session = ? AND address = ?')
        .run(this.#session, String(row['address']))
    }
    return files
  }

  #sizeIn(database: DatabaseSync): number {
    const row = database
      .prepare('SELECT sum(size) AS size FROM cached_answers WHERE session = ?')
      .get(this.#session)
    return Number(row?.['size'] ?? 0)
  }

  #filesOf(database: DatabaseSync, address: string): string[] {
    const rows = database
      .prepare('SELECT file FROM cached_answers WHERE session = ? AND address = ?')
      .all(this.#session, address)
    return rows.map(row => String(row['file']))
  }
}

// A head of another ferry, or a damaged one, is no answer.
function entryOf(row: Row): CachedEntry | undefined {
  try {
    const head = JSON.parse(String(row['head'])) as CachedHead
    if (typeof head.responseTime !== 'number' || !Array.isArray(head.headers)) return undefined
    const [address, file, sha256] = [String(row['address']), String(row['file']), String(row['sha256'])]
    return {address, head, file, sha256, size: Number(row['size']), used: Number(row['used'])}
  } catch {
    return undefined
  }
}
