import type {RequestBody} from './request-body.ts'
import {TransferError} from './transfer-error.ts'

/** A header as it was given: the name's spelling and the order are kept. */
export type HeaderField = readonly [name: string, value: string]

/** What one task asks for (Foundation's URLRequest). */
export interface URLRequest {
  readonly url: URL
  readonly method: string
  /** Win over the session's headers, name by name, whatever the case (R11). An empty value removes the header. */
  readonly headers: readonly HeaderField[]
  /** What it carries; the engine frames it (Content-Length, or chunks). Only upload tasks have one. */
  readonly body?: RequestBody
}

/** Adds to the request's headers what proves who sends it. Called for every hop and attempt of the task's own origin. */
export type RequestSigner = (request: URLRequest) => Promise<URLRequest>

/** The answer's head: names are lower case, one entry a line as received. */
export interface URLResponse {
  readonly url: URL
  readonly status: number
  readonly statusText: string
  readonly headers: readonly HeaderField[]
  /** Bytes of the body by Content-Length, or undefined when the server did not announce it. */
  readonly expectedContentLength: number | undefined
  /** Of multipart/x-mixed-replace, which part this is the head of, from 1 on; absent for the answer as a whole (R54). */
  readonly part?: number
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Field values as RFC 9110, 5.5 has them: no control characters but the tab.
const controlCharacter = /[\x00-\x08\x0A-\x1F\x7F]/

/** Parses an address strictly: WHATWG rules, but no silent clean-up of blanks or control characters. */
export function parseAddress(text: string): URL {
  if (/[\x00-\x20\x7F]/.test(text)) {
    throw new TransferError('URL_MALFORMED', 'The URL contains a blank or a control character', {url: text})
  }
  const address = URL.parse(
    /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/:]+:\d+(\/|$)/.test(text) ? text : `http://${text}`
  )
  if (!address) throw new TransferError('URL_MALFORMED', 'The URL cannot be read', {url: text})
  assertScheme(address)
  // In user name and password these escapes are the only way to write such characters.
  if (/%(2f|5c|00|23|3f|40)/i.test(/^(?:[a-z]+:\/*)?(?:[^/?#]*@)?([^/?#]*)/i.exec(text)?.[1] ?? '')) {
    throw new TransferError('URL_MALFORMED', 'The host name contains an escaped delimiter', {url: text})
  }
  return address
}

/** Only http and https are spoken, wherever the address comes from (exit 1). */
export function assertScheme(address: URL): void {
  if (address.protocol === 'http:' || address.protocol === 'https:') return
  throw new TransferError(
    'UNSUPPORTED_SCHEME',
    `The scheme "${address.protocol.slice(0, -1)}" is not supported`,
    {
      url: address,
      hint: 'Use an http or https address.'
    }
  )
}

/** Makes a request out of an address, refusing what could smuggle a second header or request line. */
export function urlRequest(
  url: URL | string,
  options: Partial<Omit<URLRequest, 'url' | 'body'>> = {}
): URLRequest {
  const method = options.method ?? 'GET'
  if (!token.test(method))
    throw new TransferError('USAGE', `"${JSON.stringify(method).slice(1, -1)}" is not a request method`)
  const headers = (options.headers ?? []).map(([name, value]): HeaderField => {
    assertHeader(name, value)
    return [name, value]
  })
  return {url: typeof url === 'string' ? parseAddress(url) : url, method, headers}
}

const reservedHeaders = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-authorization',
  'upgrade',
  'expect',
  'keep-alive',
  'te',
  'trailer'
])

/** A header that a person may set: a token as name, no control character in the value, none that frames the message. */
export function assertHeader(name: string, value: string): void {
  if (!token.test(name))
    throw new TransferError('USAGE', `"${JSON.stringify(name).slice(1, -1)}" is not a header name`)
  if (controlCharacter.test(value))
    throw new TransferError('USAGE', `The value of the header ${name} contains a control character`)
  // An empty Expect asks for a body to be sent without a question.
  if (reservedHeaders.has(name.toLowerCase()) && !(name.toLowerCase() === 'expect' && value === '')) {
    throw new TransferError('USAGE', `The header ${name} is set by ferry itself and cannot be given`)
  }
}

/** Is there a field of this name (given in lower case) in a request, however it is spelt? */
export function hasHeader(headers: readonly HeaderField[], name: string): boolean {
  return headers.some(([candidate]) => candidate.toLowerCase() === name)
}

/** The port of an address: its own, or that of its scheme. */
export function portOf({protocol, port}: Pick<URL, 'protocol' | 'port'>): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

/** The combined value of a response header (RFC 9110, 5.3), or undefined. */
export function headerValue(headers: readonly HeaderField[], name: string): string | undefined {
  let combined: string | undefined
  for (const [candidate, value] of headers) {
    if (candidate === name) combined = combined === undefined ? value : `${combined}, ${value}`
  }
  return combined
}
