import type {DatabaseSync, SQLOutputValue} from 'node:sqlite'
import type {Database} from './database.ts'
import {isExpired, maxInAll, maxPerDomain, unusedLifetime} from './stored-cookie.ts'
import type {CookieShelf, StoredCookie} from './stored-cookie.ts'

export const cookieTables = `CREATE TABLE IF NOT EXISTS cookies (
  session TEXT NOT NULL, domain TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  hostOnly INTEGER NOT NULL, secure INTEGER NOT NULL, httpOnly INTEGER NOT NULL,
  expires INTEGER, created INTEGER NOT NULL, accessed INTEGER NOT NULL,
  UNIQUE (session, domain, path, name)) STRICT;`

// Writing down each use would cost every request a flush of the disk.
const touchInterval = 3600 * 1000

/** The cookies of one session on disk: what one process puts there, the next one finds. */
export class CookieStore implements CookieShelf {
  readonly #database: Database
  readonly #session: string

  constructor(database: Database, session: string) {
    this.#database = database
    this.#session = session
  }

  async find(domains: readonly string[]): Promise<readonly StoredCookie[]> {
    const marks = domains.map(() => '?').join(', ')
    const sql = `SELECT * FROM cookies WHERE session = ? AND domain IN (${marks}) ORDER BY rowid`
    const rows = await this.#database.look(open => open.prepare(sql).all(this.#session, ...domains))
    return (rows ?? []).map(cookieOf)
  }

  async put(cookies: readonly StoredCookie[]): Promise<void> {
    const now = Date.now()
    await this.#database.change(open => {
      for (const cookie of cookies) {
        if (isExpired(cookie, now)) this.#remove(open, cookie)
        else this.#keep(open, cookie)
      }
      this.#sweep(open, now)
      this.#shorten(open, new Set(cookies.map(({domain}) => domain)))
    })
  }

  async touch(cookies: readonly StoredCookie[], now: number): Promise<void> {
    const due = cookies.filter(({accessed}) => accessed < now - touchInterval)
    if (due.length === 0) return
    await this.#database.change(open => {
      const update = open.prepare(
        'UPDATE cookies SET accessed = ? WHERE session = ? AND domain = ? AND path = ? AND name = ?'
      )
      for (const {domain, path, name} of due) update.run(now, this.#session, domain, path, name)
    })
  }

  async clear(): Promise<void> {
    if (!(await this.#database.reading())) return
    await this.#database.change(open =>
      open.prepare('DELETE FROM cookies WHERE session = ?').run(this.#session)
    )
  }

  // Each change is on disk when it is made.
  async flush(): Promise<void> {}

  #keep(open: DatabaseSync, cookie: StoredCookie): void {
    const {domain, path, name, value, expires, created, accessed} = cookie
    const flags = [cookie.hostOnly, cookie.secure, cookie.httpOnly].map(Number)
    open
      .prepare(
        `INSERT INTO cookies (session, domain, path, name, value, hostOnly, secure, httpOnly, expires, created, accessed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (session, domain, path, name) DO UPDATE SET value = excluded.value,
           hostOnly = excluded.hostOnly, secure = excluded.secure, httpOnly = excluded.httpOnly,
           expires = excluded.expires, accessed = excluded.accessed`
      )
      .run(this.#session, domain, path, name, value, ...flags, expires ?? null, created, accessed)
  }

  #remove(open: DatabaseSync, {domain, path, name}: StoredCookie): void {
    open
      .prepare('DELETE FROM cookies WHERE session = ? AND domain = ? AND path = ? AND name = ?')
      .run(this.#session, domain, path, name)
  }

  #sweep(open: DatabaseSync, now: number): void {
    open
      .prepare('DELETE FROM cookies WHERE session = ? AND coalesce(expires, accessed + ?) <= ?')
      .run(this.#session, unusedLifetime, now)
  }

  #shorten(open: DatabaseSync, domains: Iterable<string>): void {
    const excess = (which: string): string =>
      `DELETE FROM cookies WHERE rowid IN (SELECT rowid FROM cookies WHERE session = ? ${which}
       ORDER BY accessed DESC, rowid DESC LIMIT -1 OFFSET ?)`
    const ofDomain = open.prepare(excess('AND domain = ?'))
    for (const domain of domains) ofDomain.run(this.#session, domain, maxPerDomain)
    open.prepare(excess('')).run(this.#session, maxInAll)
  }
}

/** A cookie as the table has it. */
export function cookieOf(row: Record<string, SQLOutputValue>): StoredCookie {
  const expires = row['expires']
  return {
    domain: String(row['domain']),
    hostOnly: row['hostOnly'] === 1,
    path: String(row['path']),
    name: String(row['name']),
    value: String(row['value']),
    secure: row['secure'] === 1,
    httpOnly: row['httpOnly'] === 1,
    expires: expires === null ? undefined : Number(expires),
    created: Number(row['created']),
    accessed: Number(row['accessed'])
  }
}
