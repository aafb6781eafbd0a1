import type {CookieJar} from 'tough-cookie'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {URLResponse} from '../url-request.ts'

const maxPerReply = 50
const maxCookie = 4096
const maxHeader = 8190

/** The cookies of one session, in memory. The jar is only loaded when a server sets one. */
export class Cookies {
  readonly #rules: ConfigurationKeys['cookies']
  #jar: CookieJar | undefined

  constructor(rules: ConfigurationKeys['cookies']) {
    this.#rules = rules
  }

  /** Takes what the answer sets, as far as RFC 6265 and the public suffix list allow. */
  async store(response: URLResponse): Promise<void> {
    if (this.#rules.accept === 'never') return
    const lines = response.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
    if (lines.length === 0) return
    if (!this.#jar) {
      const library = await import('tough-cookie')
      this.#jar = new library.CookieJar(undefined, {prefixSecurity: 'strict'})
    }
    for (const line of lines.slice(0, maxPerReply)) {
      if (line.length > maxCookie || /[\x00-\x08\x0A-\x1F\x7F]/.test(line)) continue
      await this.#jar.setCookie(line, response.url.href, {ignoreError: true})
    }
  }

  /** The Cookie header for a request, or undefined. */
  async header(url: URL): Promise<string | undefined> {
    if (!this.#jar || !this.#rules.send) return undefined
    const text = await this.#jar.getCookieString(url.href)
    return text && text.length <= maxHeader ? text : undefined
  }
}
