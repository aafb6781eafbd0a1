import {lstatSync} from 'node:fs'
import {join} from 'node:path'
import type {DatabaseSync} from 'node:sqlite'
import type {TransferError} from '../transfer-error.ts'
import {isFresh} from './cached-answer.ts'
import type {CachedHead} from './cached-answer.ts'
import {indexedAddress} from './cached-index.ts'
import {cookieOf} from './cookie-store.ts'
import {lookingFailure, openForLooking} from './look-into-database.ts'
import {chooseForSending, cookieDomains, cookieHost, isMeantFor} from './stored-cookie.ts'

/** What one session has on disk. */
export interface StoreCounts {
  readonly cookies: number
  readonly strictHosts: number
  readonly answers: number
  /** Bytes of all stored answers. */
  readonly answerBytes: number
}

/** What a stored answer is good for. */
export interface StoredAnswer {
  readonly status: number
  readonly freshness: 'fresh' | 'stale'
  /** Can the server be asked whether it is still right? */
  readonly validators: readonly ('etag' | 'last-modified')[]
  readonly size: number
}

/** The stores of one session, looked at without changing anything: not even a damaged file is put aside. */
export interface StoreInspection {
  readonly path: string
  /** Bytes of the file; undefined where there is none. */
  readonly size: number | undefined
  readonly counts: StoreCounts
  /** Why they cannot be used. */
  readonly error: TransferError | undefined
  /** Names of the stored cookies that a request would carry. */
  cookieNames(url: URL): readonly string[]
  /** The host whose demand makes this address an https one; undefined = none does. */
  strictHost(url: URL): string | undefined
  answer(url: URL): Promise<StoredAnswer | undefined>
  close(): void
}

/** Whose stores, and where. */
export interface StoredIn {
  /** The folder of the stores. */
  readonly folder: string
  /** Name of the session. */
  readonly session: string
}

const none: StoreCounts = {cookies: 0, strictHosts: 0, answers: 0, answerBytes: 0}

/** Opens the stores of a session for looking. */
export async function inspectStores({folder, session}: StoredIn): Promise<StoreInspection> {
  const path = join(folder, 'stores.sqlite')
  const nothing = {
    path,
    counts: none,
    cookieNames: () => [],
    strictHost: () => undefined,
    answer: async () => undefined,
    close: () => {}
  }
  let size: number | undefined
  try {
    size = lstatSync(path, {throwIfNoEntry: false})?.size
    if (size === undefined) return {...nothing, size, error: undefined}
    const database = await openForLooking(path)
    return {path, size, error: undefined, ...looking(database, session)}
  } catch (error) {
    return {...nothing, size, error: lookingFailure(path, error)}
  }
}

function looking(database: DatabaseSync, session: string) {
  return {
    counts: countsOf(database, session),
    cookieNames: (url: URL) => cookieNames(database, {session, url}),
    strictHost: (url: URL) => strictHost(database, {session, url}),
    answer: (url: URL) => storedAnswer(database, {session, url}),
    close: () => database.close()
  }
}

interface Looked {
  readonly session: string
  readonly url: URL
}

function countsOf(database: DatabaseSync, session: string): StoreCounts {
  const now = Date.now()
  const count = (sql: string, ...values: readonly (string | number)[]): number =>
    Number(database.prepare(sql).get(...values)?.['count'] ?? 0)
  return {
    cookies: count(
      'SELECT count(*) AS count FROM cookies WHERE session = ? AND coalesce(expires, ?) > ?',
      session,
      now + 1,
      now
    ),
    strictHosts: count(
      'SELECT count(*) AS count FROM strictHosts WHERE session = ? AND expires > ?',
      session,
      now
    ),
    answers: count('SELECT count(*) AS count FROM cached_answers WHERE session = ?', session),
    answerBytes: count('SELECT sum(size) AS count FROM cached_answers WHERE session = ?', session)
  }
}

function cookieNames(database: DatabaseSync, {session, url}: Looked): readonly string[] {
  const domains = cookieDomains(cookieHost(url))
  const marks = domains.map(() => '?').join(', ')
  const rows = database
    .prepare(`SELECT * FROM cookies WHERE session = ? AND domain IN (${marks}) ORDER BY rowid`)
    .all(session, ...domains)
  const now = Date.now()
  return chooseForSending(rows.map(cookieOf).filter(cookie => isMeantFor(cookie, url, now))).map(
    ({name}) => name
  )
}

// RFC 6797, 8.2: the host itself, or a domain above it that speaks for those below.
function strictHost(database: DatabaseSync, {session, url}: Looked): string | undefined {
  const labels = url.hostname.replace(/\.$/, '').split('.')
  const demand = database.prepare(
    'SELECT includeSubDomains FROM strictHosts WHERE session = ? AND host = ? AND expires > ?'
  )
  return labels
    .map((_label, index) => labels.slice(index).join('.'))
    .find((host, index) => {
      const found = demand.get(session, host, Date.now())
      return found !== undefined && (index === 0 || found['includeSubDomains'] === 1)
    })
}

async function storedAnswer(
  database: DatabaseSync,
  {session, url}: Looked
): Promise<StoredAnswer | undefined> {
  const address = new URL(url)
  address.username = ''
  address.password = ''
  address.hash = ''
  const row = database
    .prepare('SELECT head, size FROM cached_answers WHERE session = ? AND address = ?')
    .get(session, indexedAddress(address.href))
  if (!row) return undefined
  const head = JSON.parse(String(row['head'])) as CachedHead
  const key = {url: address.href, fields: head.varying, way: head.way}
  const names = new Set(head.headers.map(([name]) => name.toLowerCase()))
  return {
    status: head.status,
    freshness: (await isFresh(head, key)) ? 'fresh' : 'stale',
    validators: (['etag', 'last-modified'] as const).filter(name => names.has(name)),
    size: Number(row['size'])
  }
}
