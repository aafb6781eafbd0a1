/** One line of a cookie file. Bytes are characters (latin1), as in header values. */
export interface FileCookie {
  /** Lower case, without a leading dot and without brackets. */
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  /** Milliseconds since 1970; undefined = until the session ends (0 in the file). */
  readonly expires: number | undefined
  readonly name: string
  readonly value: string
}

export interface CookieFile {
  readonly cookies: readonly FileCookie[]
  /** Values of Set-Cookie lines, as in the heads of answers. */
  readonly setCookies: readonly string[]
  /** Lines that were none of this. */
  readonly skipped: number
}

const magic = '# Netscape HTTP Cookie File'
const controlCharacter = /[\x00-\x1F\x7F]/

/** Reads Netscape's format of seven fields as curl, wget and browsers write it, and lines of Set-Cookie. */
export function parseCookieFile(text: string): CookieFile {
  const cookies: FileCookie[] = []
  const setCookies: string[] = []
  let skipped = 0
  // The first three bytes that some editors put before UTF-8.
  for (const line of text.replace(/^\xEF\xBB\xBF/, '').split(/\r?\n/)) {
    const header = /^set-cookie:[ \t]*(.*)$/i.exec(line)?.[1]
    if (header !== undefined) setCookies.push(header)
    else if (line.trim() === '' || (line.startsWith('#') && !line.startsWith('#HttpOnly_'))) continue
    else {
      const cookie = parseLine(line)
      if (cookie) cookies.push(cookie)
      else if (!isOtherHeader(line)) skipped += 1
    }
  }
  return {cookies, setCookies, skipped}
}

/** The whole file. A cookie that the format cannot hold is left out. */
export function formatCookieFile(cookies: readonly FileCookie[]): string {
  const lines = cookies.filter(isSound).map(formatLine)
  return [
    magic,
    '# ferry reads and writes this file; curl and wget understand it too.',
    '',
    ...lines,
    ''
  ].join('\n')
}

function parseLine(line: string): FileCookie | undefined {
  const httpOnly = line.startsWith('#HttpOnly_')
  const fields = (httpOnly ? line.slice('#HttpOnly_'.length) : line).split('\t')
  // Some writers, and editors that strip blanks, leave out an empty value with its tab.
  const [host = '', tail = '', path = '', secure = '', expires = '', name = '', value = ''] = fields
  if (fields.length < 6 || fields.length > 7) return undefined
  if (![tail, secure].every(each => /^(true|false)$/i.test(each)) || !/^-?\d+(\.\d*)?$/.test(expires))
    return undefined
  const cookie: FileCookie = {
    domain: host
      .toLowerCase()
      .replace(/^\./, '')
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, ''),
    hostOnly: tail.toLowerCase() === 'false',
    path: path.startsWith('/') ? path : '/',
    secure: secure.toLowerCase() === 'true',
    httpOnly,
    expires: Number(expires) === 0 ? undefined : Math.min(Number(expires) * 1000, lastMoment),
    name,
    value
  }
  return isSound(cookie) && keepsPrefix(cookie) ? cookie : undefined
}

// The end of the year 9999: far enough, and a date everywhere.
const lastMoment = 253_402_300_799_000

// Nothing that could end the field, the line or the header that the cookie is sent in.
function isSound({domain, path, name, value}: FileCookie): boolean {
  if (domain === '' || name === '' || /[\s/;,]/.test(domain)) return false
  return ![domain, path, name, value].some(each => controlCharacter.test(each) || each.includes(';'))
}

// RFC 6265bis, 4.1.3: a name that promises more than the cookie keeps is a lie.
function keepsPrefix({name, secure, hostOnly, path}: FileCookie): boolean {
  if (name.startsWith('__Host-')) return secure && hostOnly && path === '/'
  return !name.startsWith('__Secure-') || secure
}

function isOtherHeader(line: string): boolean {
  return /^HTTP\/[\d.]+ \d{3}/.test(line) || /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: /.test(line)
}

function formatLine({domain, hostOnly, path, secure, httpOnly, expires, name, value}: FileCookie): string {
  const seconds = expires === undefined ? 0 : Math.ceil(expires / 1000)
  const fields = [
    `${hostOnly ? '' : '.'}${domain}`,
    flag(!hostOnly),
    path,
    flag(secure),
    seconds,
    name,
    value
  ]
  return `${httpOnly ? '#HttpOnly_' : ''}${fields.join('\t')}`
}

function flag(value: boolean): 'TRUE' | 'FALSE' {
  return value ? 'TRUE' : 'FALSE'
}
