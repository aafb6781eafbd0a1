import {formatCookieFile} from '../fields/cookie-file.ts'
import {forgetWritten} from './forget-written.ts'
import {readCookies} from './cookie-source.ts'
import {MemoryCookies} from './memory-cookies.ts'
import {replaceFile, underLock} from './replace-file.ts'
import {cookieKey, isExpired} from './stored-cookie.ts'
import type {CookieShelf, StoredCookie} from './stored-cookie.ts'
import type {TransferError} from '../transfer-error.ts'

/** A cookie file instead of the session's store: read at the first use, written when the session is flushed or ends. */
export class CookieJarFile implements CookieShelf {
  readonly #path: string
  readonly #report: (error: TransferError) => void
  readonly #memory = new MemoryCookies()
  /** What this session changed since the file was read; the rest of the file is other people's. */
  readonly #changed = new Map<string, StoredCookie>()
  #loading: Promise<void> | undefined
  #state: 'asRead' | 'emptied' = 'asRead'

  constructor(path: string, report: (error: TransferError) => void) {
    this.#path = path
    this.#report = report
  }

  async find(domains: readonly string[]): Promise<readonly StoredCookie[]> {
    await this.#load()
    return this.#memory.find(domains)
  }

  async put(cookies: readonly StoredCookie[]): Promise<void> {
    await this.#load()
    for (const cookie of cookies) this.#changed.set(cookieKey(cookie), cookie)
    await this.#memory.put(cookies)
  }

  async touch(cookies: readonly StoredCookie[], now: number): Promise<void> {
    await this.#memory.touch(cookies, now)
  }

  async clear(): Promise<void> {
    this.#loading = Promise.resolve()
    this.#state = 'emptied'
    this.#changed.clear()
    await this.#memory.clear()
  }

  /** Rejects with WRITE_FAILED, NO_SPACE, BUSY, REFUSED; the file is then as it was. */
  async flush(): Promise<void> {
    if (this.#changed.size === 0 && this.#state === 'asRead') return
    const written = await underLock(this.#path, async () => {
      const changed = [...this.#changed]
      const held = this.#state === 'emptied' ? [] : await readCookies(this.#path, {missing: 'empty'})
      const merged = new MemoryCookies()
      for (const cookie of held) merged.add(cookie)
      await merged.put(changed.map(([, cookie]) => cookie))
      const now = Date.now()
      const kept = merged.all.filter(cookie => !isExpired(cookie, now))
      await replaceFile(this.#path, Buffer.from(formatCookieFile(kept), 'latin1'))
      return changed
    })
    this.#state = 'asRead'
    forgetWritten(this.#changed, written)
  }

  #load(): Promise<void> {
    this.#loading ??= readCookies(this.#path, {missing: 'empty', report: this.#report}).then(cookies => {
      for (const cookie of cookies) this.#memory.add(cookie)
    })
    return this.#loading
  }
}
