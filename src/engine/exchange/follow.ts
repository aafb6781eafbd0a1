import {unescape} from 'node:querystring'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'
import {askSigned} from './authentication/ask-signed.ts'
import {hostIdentity} from './authentication/host-identity.ts'
import {Identity} from './authentication/identity.ts'
import {discardBody} from './discard-body.ts'
import {decisionOf} from './decision.ts'
import {chosenRequest, isHarmlessHeader, isRedirection, nextRequest, travellingHeaders} from './redirect.ts'
import type {Answer, Sending} from './send.ts'

export type {SignedAnswer as Answer} from './authentication/ask-signed.ts'

const maxHeaderBytes = 300 * 1024
const maxHeaderLines = 5000

/**
 * Asks, and follows redirections as the session allows and the delegate decides; on every hop, challenges are answered
 * with what belongs there. The headers given are the task's own; the session's, those of the hosts it comes to, the
 * cookies and the standing ones are added hop by hop. An address that is not at the task's own origin was named by a
 * server: there the task is who it would be after a redirection to it, and the headers given are for that place.
 */
export async function follow(task: Task, request: URLRequest, sending: Sending = {}): Promise<Answer> {
  const {redirects} = task.keys
  const seen = {bytes: 0, lines: 0}
  const {identity, home} = await identityAtHome(task)
  const begun = await upgraded(task, {...request, url: splitUserinfo(request.url).url})
  let current: URLRequest = {...begun, headers: headersAt(task, begun, home)}
  identity.travel(current.url)
  task.currentRequest = current
  for (let count = 0; ; count++) {
    const answer = await askSigned(task, {
      ...sending,
      request: current,
      identity,
      admit: admitted => admit(seen, admitted)
    })
    const {exchange, response} = answer
    if (!redirects.follow || redirects.max === 0 || !isRedirection(response)) return answer
    const next = await decide(task, {request: current, response, count}).catch(async (error: unknown) => {
      await discardBody(exchange)
      throw error
    })
    if (!next) return answer
    const body = next.body && (exchange.outgoing?.takeUnsent() ?? next.body)
    await discardBody(exchange)
    const {url} = await upgraded(task, next)
    identity.travel(url)
    current = {...next, ...(body && {body}), url, headers: arrivalHeaders(task, {...next, url}, current.url)}
    task.currentRequest = current
  }
}

async function upgraded(task: Task, request: URLRequest): Promise<URLRequest> {
  const url = await task.session.stores.transportSecurity.upgrade(request.url)
  return url === request.url ? request : {...request, url}
}

async function identityAtHome(task: Task): Promise<{identity: Identity; home: URL}> {
  const {url: address, userinfo} = splitUserinfo(task.originalRequest.url)
  const {url: home} = await upgraded(task, {...task.originalRequest, url: address})
  return {identity: new Identity(task, {url: home, userinfo}), home}
}

interface Address {
  readonly url: URL
  readonly userinfo: {readonly user: string; readonly password: string} | undefined
}

function splitUserinfo(address: URL): Address {
  const {username, password} = address
  if (!username && !password) return {url: address, userinfo: undefined}
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return {url, userinfo: {user: unescape(username), password: unescape(password)}}
}

function headersAt(task: Task, request: URLRequest, home: URL): readonly HeaderField[] {
  const {url, headers} = request
  const inherited = inheritedHeaders(task, headers)
  if (url.origin === home.origin) return [...inherited, ...headers]
  const travelling = travellingHeaders(inherited, {from: home, to: url, rules: task.keys.redirects})
  return arrivalHeaders(task, {...request, headers: [...travelling, ...headers]}, home)
}

/** What the session adds to the request's own headers (R11). */
function inheritedHeaders(task: Task, headers: readonly HeaderField[]): readonly HeaderField[] {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const {username, password} = task.originalRequest.url
  // Who the task itself says it is counts more than what the session says of everybody.
  if (task.options.authentication?.credential || username || password) given.add('authorization')
  return Object.entries(task.keys.headers).filter(
    ([name]) =>
      !given.has(name.toLowerCase()) && (task.options.credentials !== 'given' || isHarmlessHeader(name))
  )
}

/** At another origin, the headers of that host's own rules come in; those of the host before have stayed behind. */
function arrivalHeaders(task: Task, {headers, url}: URLRequest, from: URL): readonly HeaderField[] {
  if (url.origin === from.origin || task.options.credentials === 'given') return headers
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const own = hostIdentity(task.session.configuration.keys, url).headers
  return [...Object.entries(own).filter(([name]) => !given.has(name.toLowerCase())), ...headers]
}

interface Hop {
  readonly request: URLRequest
  readonly response: URLResponse
  readonly count: number
}

async function decide(task: Task, {request, response, count}: Hop): Promise<URLRequest | undefined> {
  const {redirects} = task.keys
  if (count >= redirects.max) {
    throw new TransferError('TOO_MANY_REDIRECTS', `More than ${redirects.max} redirections`, {
      url: request.url,
      method: request.method
    })
  }
  const proposal = nextRequest(request, response, redirects)
  const {delegate} = task.session
  // Nobody may be there to be asked (B5).
  const isAlone = task.session.configuration.kind === 'background'
  const asked = isAlone ? undefined : delegate.willPerformRedirection
  const chosen = asked
    ? await decisionOf(task, asked.call(delegate, task, {response, request: proposal}))
    : proposal
  const next = chosen && chosenRequest(chosen, {request, proposal, rules: redirects})
  const decision = next ? 'follow' : 'deny'
  delegate.didDecideRedirection?.(task, {response, request: next ?? proposal, decision})
  return next
}

/** The heads of one task are limited together, so that redirections and challenges cannot spread a flood. */
function admit(seen: {bytes: number; lines: number}, {exchange, response}: Answer): void {
  seen.lines += response.headers.length
  for (const [name, value] of response.headers) seen.bytes += name.length + value.length + 4
  if (seen.lines <= maxHeaderLines && seen.bytes <= maxHeaderBytes) return
  const error = new TransferError('HEADERS_TOO_LARGE', 'The heads of all answers together are too large', {
    url: response.url
  })
  exchange.abort(error)
  throw error
}
