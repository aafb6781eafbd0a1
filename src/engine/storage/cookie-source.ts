import {readFile, stat} from 'node:fs/promises'
import {parseCookieFile} from '../fields/cookie-file.ts'
import type {FileCookie} from '../fields/cookie-file.ts'
import {TransferError} from '../transfer-error.ts'
import {acceptLines, registrableDomain} from './accept-cookies.ts'
import type {StoredCookie} from './stored-cookie.ts'

export interface ReadingCookies {
  /** What a missing file is. */
  readonly missing: 'empty' | 'failure'
  /** Told of lines that were skipped. */
  readonly report?: (error: TransferError) => void
}

const mostBytes = 16 * 1024 * 1024

/**
 * The cookies of a file: Netscape's format, or lines of Set-Cookie that name their Domain. Cookies for public suffixes
 * are left out. Rejects with READ_FAILED, and with REFUSED for a file that is none for cookies.
 */
export async function readCookies(
  path: string,
  {missing, report}: ReadingCookies
): Promise<readonly StoredCookie[]> {
  const text = await textOf(path, missing)
  const {cookies, setCookies, skipped} = parseCookieFile(text)
  if (cookies.length + setCookies.length === 0 && skipped > 0) {
    throw new TransferError('REFUSED', `The file ${path} holds no cookies but something else`, {
      hint: 'Name a cookie file in Netscape format, as curl and browsers write it.'
    })
  }
  const now = Date.now()
  const own = await withoutSuffixes(cookies)
  const kept = [
    ...own.map(cookie => ({...cookie, created: now, accessed: now})),
    ...(await boundTo(setCookies, now))
  ]
  const lost = skipped + cookies.length + setCookies.length - kept.length
  if (lost > 0)
    report?.(
      new TransferError(
        'READ_FAILED',
        `${lost} ${lost === 1 ? 'line' : 'lines'} of the cookie file ${path} cannot be used`
      )
    )
  return kept
}

async function textOf(path: string, missing: ReadingCookies['missing']): Promise<string> {
  try {
    const facts = await stat(path)
    if (!facts.isFile()) throw new Error('it is no regular file')
    if (facts.size > mostBytes) throw new Error('it is too large')
    return await readFile(path, 'latin1')
  } catch (cause) {
    if (missing === 'empty' && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return ''
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TransferError('READ_FAILED', `The cookie file ${path} cannot be read: ${why}`, {cause})
  }
}

// Most files only name hosts, or domains with a dot that nobody else has; the list is large.
async function withoutSuffixes(cookies: readonly FileCookie[]): Promise<readonly FileCookie[]> {
  if (cookies.every(({hostOnly}) => hostOnly)) return cookies
  const library = await import('tough-cookie')
  return cookies.filter(({hostOnly, domain}) => hostOnly || isOwned(library, domain))
}

function isOwned(library: typeof import('tough-cookie'), domain: string): boolean {
  return /^[\d.]+$|:/.test(domain) || registrableDomain(library, domain) !== undefined
}

// In a file nobody says whose answer it was: without a Domain a cookie would be for everybody.
async function boundTo(lines: readonly string[], now: number): Promise<readonly StoredCookie[]> {
  if (lines.length === 0) return []
  const library = await import('tough-cookie')
  return lines.flatMap(line => {
    const domain = library.Cookie.parse(line)?.domain
    const url = domain ? URL.parse(`https://${domain}/`) : null
    return url ? acceptLines(library, [line], {url, now, date: now}) : []
  })
}
