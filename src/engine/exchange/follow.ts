import {unescape} from 'node:querystring'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'
import {discardBody} from './discard-body.ts'
import {decisionOf} from './decision.ts'
import type {Exchange} from './exchange.ts'
import {chosenRequest, isRedirection, nextRequest} from './redirect.ts'

/** An answer whose body still waits, after all redirections. */
export interface Answer {
  readonly exchange: Exchange
  readonly response: URLResponse
}

const maxHeaderBytes = 300 * 1024
const maxHeaderLines = 5000

/**
 * Asks, and follows redirections as the session allows and the delegate decides. The headers given are the task's own;
 * the session's, the cookies and the standing ones are added hop by hop.
 */
export async function follow(task: Task, request: URLRequest): Promise<Answer> {
  const {redirects} = task.keys
  const seen = {bytes: 0, lines: 0}
  let current = await upgraded(task, firstRequest(task, request))
  task.currentRequest = current
  for (let count = 0; ; count++) {
    const {exchange, response} = await ask(task, current)
    const excess = countHeaders(seen, response)
    if (excess) {
      exchange.abort(excess)
      throw excess
    }
    if (!redirects.follow || redirects.max === 0 || !isRedirection(response)) return {exchange, response}
    const next = await decide(task, {request: current, response, count}).catch(async (error: unknown) => {
      await discardBody(exchange)
      throw error
    })
    if (!next) return {exchange, response}
    await discardBody(exchange)
    current = await upgraded(task, next)
    task.currentRequest = current
  }
}

async function upgraded(task: Task, request: URLRequest): Promise<URLRequest> {
  const url = await task.session.stores.transportSecurity.upgrade(request.url)
  return url === request.url ? request : {...request, url}
}

/** The session's headers under the request's own (R11), and the address's userinfo as what it means. */
function firstRequest(task: Task, request: URLRequest): URLRequest {
  const given = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const inherited = Object.entries(task.keys.headers).filter(([name]) => !given.has(name.toLowerCase()))
  const headers: HeaderField[] = [...inherited, ...request.headers]
  const {username, password} = request.url
  if (!username && !password) return {...request, headers}
  const url = new URL(request.url)
  url.username = ''
  url.password = ''
  if (!given.has('authorization')) {
    const pair = `${unescape(username)}:${unescape(password)}`
    headers.push(['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`])
  }
  return {...request, url, headers}
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
  const asked = delegate.willPerformRedirection
  const chosen = asked
    ? await decisionOf(task, asked.call(delegate, task, {response, request: proposal}))
    : proposal
  const next = chosen && chosenRequest(chosen, {request, proposal, rules: redirects})
  const decision = next ? 'follow' : 'deny'
  delegate.didDecideRedirection?.(task, {response, request: next ?? proposal, decision})
  return next
}

// An idle connection may die, or still carry bytes beyond the answer before, in the instant it is used again; that is
// nobody's failure, once.
async function ask(task: Task, request: URLRequest): Promise<Answer> {
  for (let replayed = false; ; replayed = true) {
    const {session, stopSignal} = task
    const sent = {...request, headers: await standingHeaders(task, request)}
    if (stopSignal.aborted)
      throw new TransferError('CANCELLED', 'The transfer was stopped', {url: request.url})
    const exchange = session.exchanger.open(sent, session.configuration.keysFor(sent.url))
    session.delegate.didSendHead?.(task, sent)
    task.exchanges.push(exchange)
    try {
      const response = await exchange.head
      task.response = response
      await session.stores.transportSecurity.note(response)
      await session.stores.cookies.store(response, task.originalRequest.url)
      session.delegate.didReceiveHead?.(task, response)
      return {exchange, response}
    } catch (error) {
      if (replayed || !diedIdle(exchange, request, error)) throw error
    }
  }
}

function diedIdle(exchange: Exchange, request: URLRequest, error: unknown): boolean {
  const safe = request.method === 'GET' || request.method === 'HEAD'
  const broken =
    error instanceof TransferError &&
    ['EMPTY_REPLY', 'RECEIVE_FAILED', 'SEND_FAILED', 'REPLY_MALFORMED'].includes(error.code)
  return safe && broken && exchange.isReused && exchange.phase === 'awaitingHead'
}

async function standingHeaders(task: Task, request: URLRequest): Promise<HeaderField[]> {
  const {session} = task
  const given = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const headers: HeaderField[] = []
  for (const [name, value] of [
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ['User-Agent', session.userAgent]
  ] as const) {
    if (!given.has(name.toLowerCase())) headers.push([name, value])
  }
  headers.push(...request.headers.filter(([, value]) => value !== ''))
  const cookie = await session.stores.cookies.header(request.url)
  const own = headers.findIndex(([name]) => name.toLowerCase() === 'cookie')
  if (cookie && own < 0) headers.push(['Cookie', cookie])
  else if (cookie) headers[own] = ['Cookie', `${headers[own]?.[1]}; ${cookie}`]
  return headers
}

/** The heads of one task are limited together, so that redirections cannot spread a flood. */
function countHeaders(
  seen: {bytes: number; lines: number},
  response: URLResponse
): TransferError | undefined {
  seen.lines += response.headers.length
  for (const [name, value] of response.headers) seen.bytes += name.length + value.length + 4
  if (seen.lines <= maxHeaderLines && seen.bytes <= maxHeaderBytes) return undefined
  return new TransferError('HEADERS_TOO_LARGE', 'The heads of all answers together are too large', {
    url: response.url
  })
}
