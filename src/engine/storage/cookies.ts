import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {SessionConfiguration} from '../session-configuration.ts'
import {TransferError} from '../transfer-error.ts'
import type {URLResponse} from '../url-request.ts'
import {acceptCookies, isSameSite, sparingSecure} from './accept-cookies.ts'
import {CookieJarFile} from './cookie-jar-file.ts'
import {CookieStore} from './cookie-store.ts'
import {readCookies} from './cookie-source.ts'
import type {Database} from './database.ts'
import {MemoryCookies} from './memory-cookies.ts'
import {chooseForSending, cookieDomains, cookieHost, cookieKey, isMeantFor} from './stored-cookie.ts'
import type {CookieShelf, StoredCookie} from './stored-cookie.ts'

export interface CookieOptions {
  readonly configuration: SessionConfiguration
  readonly name: string
  /** Absent: in memory. */
  readonly database: Database | undefined
  readonly report: (error: TransferError) => void
}

/** The cookies of one session (HTTPCookieStorage), in its store, in a file (cookies.jar), or in memory. */
export class Cookies {
  readonly #options: CookieOptions
  readonly #rules: ConfigurationKeys['cookies']
  /** Where the configuration wants them. */
  readonly #home: CookieShelf
  /** Where they are: in memory, once their home has failed. */
  #shelf: CookieShelf
  /** What servers changed in this session wins over the files that are only read. */
  readonly #changed = new Set<string>()
  #sources: Promise<readonly StoredCookie[]> | undefined

  constructor(options: CookieOptions) {
    this.#options = options
    this.#rules = options.configuration.keys.cookies
    this.#home = openShelf(options)
    this.#shelf = this.#home
  }

  /**
   * Takes what the answer sets, as far as RFC 6265 and the public suffix list allow. mainDocument: the address that the
   * task was made for; where only its site may set cookies, others may not (P15). Default: the answer's own.
   */
  async store(response: URLResponse, mainDocument: URL = response.url): Promise<void> {
    const {accept} = this.#options.configuration.keysFor(response.url).cookies
    if (accept === 'never' || this.#rules.jar === 'none') return
    if (!response.headers.some(([name]) => name === 'set-cookie')) return
    const library = await import('tough-cookie')
    if (accept === 'mainDocument' && !isSameSite(library, response.url, mainDocument)) return
    const accepted = acceptCookies(library, response, Date.now())
    const held = await this.#held(response.url)
    const kept = sparingSecure(accepted, held, response.url)
    if (kept.length === 0) return
    for (const cookie of kept) this.#changed.add(cookieKey(cookie))
    await this.#using(shelf => shelf.put(kept))
  }

  /** The Cookie header for a request, or undefined. */
  async header(url: URL): Promise<string | undefined> {
    if (!this.#options.configuration.keysFor(url).cookies.send || this.#rules.jar === 'none') return undefined
    const now = Date.now()
    const sent = chooseForSending((await this.#held(url)).filter(cookie => isMeantFor(cookie, url, now)))
    if (sent.length === 0) return undefined
    await this.#using(shelf => shelf.touch(sent, now))
    return sent.map(({name, value}) => `${name}=${value}`).join('; ')
  }

  /** Writes cookies to disk; of a cookie file, this is the only moment. Rejects where that file cannot be written. */
  async flush(): Promise<void> {
    await this.#using(shelf => shelf.flush())
  }

  /**
   * Forgets all; a cookie file is emptied by the flush that follows. Files that are only read stay as they are. Rejects
   * where the store cannot be emptied.
   */
  async reset(): Promise<void> {
    this.#changed.clear()
    await this.#shelf.clear()
    if (this.#home !== this.#shelf) await this.#home.clear()
  }

  /** Everything that could be for a host: files that are only read win over what was stored before this session. */
  async #held(url: URL): Promise<readonly StoredCookie[]> {
    const domains = cookieDomains(cookieHost(url))
    const kept = await this.#using(shelf => shelf.find(domains))
    if (this.#rules.sources.length === 0) return kept
    const given = (await this.#given()).filter(
      cookie => domains.includes(cookie.domain) && !this.#changed.has(cookieKey(cookie))
    )
    const keys = new Set(given.map(cookieKey))
    return [...kept.filter(cookie => !keys.has(cookieKey(cookie))), ...given]
  }

  #given(): Promise<readonly StoredCookie[]> {
    const {report} = this.#options
    this.#sources ??= Promise.all(
      this.#rules.sources.map(path => readCookies(path, {missing: 'failure', report}))
    ).then(files => {
      const memory = new MemoryCookies()
      for (const cookie of files.flat()) memory.add(cookie)
      return memory.all
    })
    return this.#sources
  }

  // A transfer must not fail because the user's own store does; a file that was named has to work.
  async #using<T>(work: (shelf: CookieShelf) => Promise<T>): Promise<T> {
    try {
      return await work(this.#shelf)
    } catch (error) {
      if (!(this.#shelf instanceof CookieStore) || !(error instanceof TransferError)) throw error
      this.#options.report(error)
      this.#shelf = new MemoryCookies()
      return work(this.#shelf)
    }
  }
}

function openShelf({configuration, name, database, report}: CookieOptions): CookieShelf {
  const {jar} = configuration.keys.cookies
  if (jar !== undefined && jar !== 'none') return new CookieJarFile(jar, report)
  return database && jar === undefined ? new CookieStore(database, name) : new MemoryCookies()
}
