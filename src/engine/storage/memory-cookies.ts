import {cookieKey, isExpired, maxInAll, maxPerDomain} from './stored-cookie.ts'
import type {CookieShelf, StoredCookie} from './stored-cookie.ts'

/** Cookies for as long as the session lives. */
export class MemoryCookies implements CookieShelf {
  readonly #cookies = new Map<string, StoredCookie>()

  get all(): readonly StoredCookie[] {
    return [...this.#cookies.values()]
  }

  async find(domains: readonly string[]): Promise<readonly StoredCookie[]> {
    return this.all.filter(({domain}) => domains.includes(domain))
  }

  async put(cookies: readonly StoredCookie[]): Promise<void> {
    for (const cookie of cookies) this.add(cookie)
    const now = Date.now()
    for (const cookie of this.all) if (isExpired(cookie, now)) this.#remove(cookie)
    for (const ofOne of Map.groupBy(this.all, ({domain}) => domain).values())
      this.#shorten(ofOne, maxPerDomain)
    this.#shorten(this.all, maxInAll)
  }

  /** Puts one there as it is, whatever its age. What it replaces leaves it the time of its creation. */
  add(cookie: StoredCookie): void {
    const key = cookieKey(cookie)
    const created = this.#cookies.get(key)?.created ?? cookie.created
    this.#cookies.set(key, {...cookie, created})
  }

  async touch(cookies: readonly StoredCookie[], now: number): Promise<void> {
    for (const cookie of cookies) {
      const key = cookieKey(cookie)
      if (this.#cookies.has(key)) this.#cookies.set(key, {...cookie, accessed: now})
    }
  }

  async clear(): Promise<void> {
    this.#cookies.clear()
  }

  async flush(): Promise<void> {}

  #remove(cookie: StoredCookie): void {
    this.#cookies.delete(cookieKey(cookie))
  }

  #shorten(cookies: readonly StoredCookie[], most: number): void {
    if (cookies.length <= most) return
    const byAge = cookies.toSorted((one, other) => other.accessed - one.accessed)
    for (const cookie of byAge.slice(most)) this.#remove(cookie)
  }
}
