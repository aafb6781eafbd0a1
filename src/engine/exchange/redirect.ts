import {assertScheme} from '../url-request.ts'
import {TransferError} from '../transfer-error.ts'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'

// 300 needs a choice, 304 to 306 are no redirections (3A 34, 37, 38).
const redirections = new Set([301, 302, 303, 307, 308])

// What may travel to another origin: nothing that could be a secret (security P5b). Expect is only ever empty.
const travelling =
  /^(accept|accept-.*|user-agent|range|if-range|if-match|if-none-match|if-modified-since|if-unmodified-since|cache-control|pragma|expect)$/
// What says something of a body goes where the body goes: its kind, and which part of an upload it is.
const ofContent =
  /^(content-(type|encoding|language|disposition|digest)|repr-digest|upload-(complete|incomplete|offset|length|draft-interop-version|metadata|concat|checksum|defer-length)|tus-resumable)$/
// RFC 9110, 15.4: a request without the body must not keep these.
const ofBody = /^(content-.*|repr-digest|upload-.*)$/

/** May this header be shown to an origin it was not given for, and be written into resume data? */
export function isHarmlessHeader(name: string): boolean {
  return travelling.test(name.toLowerCase()) || ofContent.test(name.toLowerCase())
}

/** Is this answer a redirection that has somewhere to go? */
export function isRedirection(response: URLResponse): boolean {
  return redirections.has(response.status) && response.headers.some(([name]) => name === 'location')
}

/**
 * What a redirection asks for next (RFC 9110, 15.4). Throws UNSUPPORTED_SCHEME, REFUSED (https to http) or
 * REPLY_MALFORMED; nothing was sent then.
 */
export function nextRequest(
  request: URLRequest,
  response: URLResponse,
  rules: ConfigurationKeys['redirects']
): URLRequest {
  const url = nextLocation(request, response)
  assertNoDowngrade(request, url, rules)
  const method = nextMethod(request.method, response.status)
  const headers = travellingHeaders(request.headers, {from: request.url, to: url, rules})
  if (method === request.method) return {url, method, headers, ...bodyAgain(request)}
  return {url, method, headers: headers.filter(([name]) => !ofBody.test(name.toLowerCase()))}
}

function bodyAgain({body}: URLRequest): Pick<URLRequest, 'body'> {
  return body ? {body: body.again('redirect')} : {}
}

/** A redirection that a delegate was asked about. */
export interface Proposed {
  /** What was asked, and answered with the redirection. */
  readonly request: URLRequest
  /** What would be asked next if nobody objected. */
  readonly proposal: URLRequest
  readonly rules: ConfigurationKeys['redirects']
}

/**
 * The request that a delegate wants instead of the proposal. The rules for addresses hold for it too, and of its headers
 * those that were given for the origin before travel no further than they would without it; what the delegate adds goes
 * where the delegate says. The body goes along where the method does.
 */
export function chosenRequest(chosen: URLRequest, {request, proposal, rules}: Proposed): URLRequest {
  if (chosen === proposal) return proposal
  const url = new URL(chosen.url)
  assertFollowable(url)
  assertNoDowngrade(request, url, rules)
  url.username = ''
  url.password = ''
  const travelling = new Set(travellingHeaders(request.headers, {from: request.url, to: url, rules}))
  const left = request.headers.filter(field => !travelling.has(field))
  const headers = chosen.headers.filter(field => !left.some(other => isSameField(field, other)))
  const {method} = chosen
  return {url, method, headers, ...(method === request.method ? bodyAgain(request) : {})}
}

function isSameField([name, value]: HeaderField, [otherName, otherValue]: HeaderField): boolean {
  return name.toLowerCase() === otherName.toLowerCase() && value === otherValue
}

function assertNoDowngrade(request: URLRequest, url: URL, rules: ConfigurationKeys['redirects']): void {
  if (request.url.protocol !== 'https:' || url.protocol !== 'http:' || rules.allowDowngrade) return
  throw new TransferError('REFUSED', 'The redirection leads from https to http', {
    url,
    method: request.method,
    hint: 'Allow it with --allow-downgrade if the content is not secret.'
  })
}

function nextLocation(request: URLRequest, response: URLResponse): URL {
  const locations = new Set(
    response.headers.filter(([name]) => name === 'location').map(([, value]) => value)
  )
  const [location = ''] = locations
  if (locations.size > 1) {
    throw new TransferError('REPLY_MALFORMED', 'The redirection names several locations', {url: request.url})
  }
  // Header bytes arrive as latin1; a raw UTF-8 location is what browsers accept.
  const target = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), request.url.href)
  if (!target || /[\x00-\x1F\x7F]/.test(location)) {
    throw new TransferError('REPLY_MALFORMED', 'The location of the redirection cannot be read', {
      url: request.url
    })
  }
  assertFollowable(target)
  target.username = ''
  target.password = ''
  if (!target.hash) target.hash = request.url.hash
  return target
}

// The address is not the user's own: without a word about the redirection the complaint would be a riddle.
function assertFollowable(target: URL): void {
  try {
    assertScheme(target)
  } catch (cause) {
    const scheme = target.protocol.slice(0, -1)
    throw new TransferError(
      'UNSUPPORTED_SCHEME',
      `The redirection leads to "${scheme}", which is not followed`,
      {
        url: target,
        hint: 'Look at the redirection with -v; only http and https are spoken.',
        cause
      }
    )
  }
}

function nextMethod(method: string, status: number): string {
  if (status === 303 && method !== 'HEAD') return 'GET'
  if ((status === 301 || status === 302) && method === 'POST') return 'GET'
  return method
}

/** A way from one address to another. */
export interface Crossing {
  readonly from: URL
  readonly to: URL
  readonly rules: ConfigurationKeys['redirects']
}

/** Of headers given for one address, those that may be shown to another one that a server has led to. */
export function travellingHeaders(
  headers: readonly HeaderField[],
  {from, to, rules}: Crossing
): readonly HeaderField[] {
  const downgraded = from.protocol === 'https:' && to.protocol === 'http:'
  if (from.origin === to.origin) return headers
  if (rules.trusted && !downgraded) return headers.filter(([name]) => name.toLowerCase() !== 'host')
  return headers.filter(([name]) => isHarmlessHeader(name))
}
