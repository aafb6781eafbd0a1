import type {Cookie} from 'tough-cookie'
import {parseHttpDate} from '../fields/http-date.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import {cookieHost, isTrustworthy} from './stored-cookie.ts'
import type {StoredCookie} from './stored-cookie.ts'

type Library = typeof import('tough-cookie')

const maxPerReply = 50
const maxLine = 4096
// Header bytes are characters here; a control character in a cookie is never honest (CVE-2022-35252).
const controlCharacter = /[\x00-\x08\x0A-\x1F\x7F]/
// A header says whole seconds, and travels.
const agreement = 5000
// Dates have an end: that of the year 9999 is far enough.
const lastMoment = 253_402_300_799_000

/** What an answer sets, as far as RFC 6265 and the public suffix list let its host; expired ones take others away. */
export function acceptCookies(library: Library, response: URLResponse, now: number): readonly StoredCookie[] {
  const lines = response.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  const date = parseHttpDate(headerValue(response.headers, 'date') ?? '') ?? now
  return acceptLines(library, lines.slice(0, maxPerReply), {url: response.url, now, date})
}

interface Occasion {
  readonly url: URL
  /** By this machine's clock. */
  readonly now: number
  /** The same moment by the server's clock, which its Expires is meant by. */
  readonly date: number
}

/** The same for lines that did not come in an answer. */
export function acceptLines(
  library: Library,
  lines: readonly string[],
  occasion: Occasion
): readonly StoredCookie[] {
  const url = new URL(occasion.url)
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  const jar = new library.CookieJar(undefined, {prefixSecurity: 'strict'})
  return lines.flatMap(line => {
    if (line.length > maxLine || controlCharacter.test(line)) return []
    const cookie = library.Cookie.parse(line)
    if (!cookie || [cookie.key, cookie.value, cookie.path].some(each => each?.includes('\t'))) return []
    settle(library, cookie, url)
    const accepted = jar.setCookieSync(cookie, url, {ignoreError: true})
    return accepted ? [stored(accepted, {...occasion, url})] : []
  })
}

// What the library would decide otherwise: it unescapes the path, and refuses a host that is itself a public suffix.
function settle(library: Library, cookie: Cookie, url: URL): void {
  if (!cookie.path?.startsWith('/')) {
    cookie.path = library.defaultPath(url.pathname)
    cookie.pathIsDefault = true
  }
  if (cookie.domain === cookieHost(url) && !registrableDomain(library, cookie.domain)) cookie.domain = null
}

function stored(cookie: Cookie, {url, now, date}: Occasion): StoredCookie {
  return {
    domain: cookie.hostOnly ? cookieHost(url) : (cookie.cdomain() ?? ''),
    hostOnly: cookie.hostOnly === true,
    path: cookie.path ?? '/',
    name: cookie.key,
    value: cookie.value,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    expires: expiryOf(cookie, now, Math.abs(now - date) < agreement ? 0 : now - date),
    created: now,
    accessed: now
  }
}

// Max-Age needs no clock and wins; Expires is read by the clock that it was written by.
function expiryOf({maxAge, expires}: Cookie, now: number, ahead: number): number | undefined {
  if (typeof maxAge === 'number') return maxAge <= 0 ? 0 : Math.min(now + maxAge * 1000, lastMoment)
  if (maxAge === '-Infinity') return 0
  if (maxAge === 'Infinity') return lastMoment
  return expires instanceof Date ? Math.min(expires.getTime() + ahead, lastMoment) : undefined
}

/** The part of a host that somebody registered; undefined for public suffixes, addresses and names without a dot. */
export function registrableDomain(library: Library, host: string): string | undefined {
  return library.getPublicSuffix(host, {allowSpecialUseDomain: true, ignoreError: true})
}

/** Do two addresses belong to one site, so that cookies of one are first-party for the other? */
export function isSameSite(library: Library, one: URL, other: URL): boolean {
  const [host, otherHost] = [cookieHost(one), cookieHost(other)]
  if (host === otherHost) return true
  const domain = registrableDomain(library, host)
  return domain !== undefined && domain === registrableDomain(library, otherHost)
}

/** Cookies of an answer over plain http leave the Secure ones of the same name alone (RFC 6265bis, 5.7). */
export function sparingSecure(
  accepted: readonly StoredCookie[],
  held: readonly StoredCookie[],
  url: URL
): readonly StoredCookie[] {
  if (isTrustworthy(url)) return accepted
  const guarded = new Set(held.filter(({secure}) => secure).map(({name}) => name))
  return accepted.filter(({name}) => !guarded.has(name))
}
