import {isIP} from 'node:net'

/** A cookie as it is kept (RFC 6265, 5.3). Times are milliseconds since 1970 by this machine's clock. */
export interface StoredCookie {
  /** Lower case, without a leading or trailing dot, IPv6 addresses without brackets. */
  readonly domain: string
  /** Only for that very host, not for those below it. */
  readonly hostOnly: boolean
  readonly path: string
  readonly name: string
  readonly value: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** Undefined: without an end of its own. */
  readonly expires: number | undefined
  readonly created: number
  readonly accessed: number
}

/** A place for cookies. One that is expired, put there, takes away the one it replaces. */
export interface CookieShelf {
  /** Every cookie of these domains, expired ones included. */
  find(domains: readonly string[]): Promise<readonly StoredCookie[]>
  put(cookies: readonly StoredCookie[]): Promise<void>
  /** Notes that these were used. */
  touch(cookies: readonly StoredCookie[], now: number): Promise<void>
  clear(): Promise<void>
  /** What was put survives a power cut after this. */
  flush(): Promise<void>
}

/** How many cookies of one domain are kept, and how many in all; the longest unused go first (RFC 6265, 6.1). */
export const maxPerDomain = 180
export const maxInAll = 3000
/** A cookie without an end of its own is forgotten when it was not used for so long. */
export const unusedLifetime = 30 * 24 * 3600 * 1000

const maxSent = 150
const maxHeader = 8190

/** What makes two cookies the same one. No part can hold a line feed. */
export function cookieKey({domain, path, name}: StoredCookie): string {
  return `${domain}\n${path}\n${name}`
}

export function isExpired({expires, accessed}: StoredCookie, now: number): boolean {
  return (expires ?? accessed + unusedLifetime) <= now
}

/** The host of an address as cookies know it. */
export function cookieHost({hostname}: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/** The host and every domain that it lies in. */
export function cookieDomains(host: string): readonly string[] {
  if (isIP(host)) return [host]
  const labels = host.split('.')
  return labels.map((_label, index) => labels.slice(index).join('.'))
}

/** May a Secure cookie travel to this address: over TLS, or without leaving this machine? */
export function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || /^(127(\.\d+){3}|::1|localhost|.+\.localhost)$/.test(cookieHost(url))
}

/** Is the cookie for this address, now (RFC 6265, 5.4)? */
export function isMeantFor(cookie: StoredCookie, url: URL, now: number): boolean {
  const host = cookieHost(url)
  const isDomain = cookie.hostOnly ? cookie.domain === host : cookieDomains(host).includes(cookie.domain)
  return (
    isDomain &&
    matchesPath(url.pathname, cookie.path) &&
    (!cookie.secure || isTrustworthy(url)) &&
    !isExpired(cookie, now)
  )
}

/** Those that one request can carry: longest path first, then the oldest. */
export function chooseForSending(cookies: readonly StoredCookie[]): readonly StoredCookie[] {
  const sorted = cookies.toSorted(
    (one, other) => other.path.length - one.path.length || one.created - other.created
  )
  let length = -2
  return sorted.slice(0, maxSent).filter(({name, value}) => {
    length += name.length + value.length + 3
    return length <= maxHeader
  })
}

// RFC 6265, 5.1.4.
function matchesPath(asked: string, path: string): boolean {
  if (!asked.startsWith(path)) return false
  return asked.length === path.length || path.endsWith('/') || asked[path.length] === '/'
}
