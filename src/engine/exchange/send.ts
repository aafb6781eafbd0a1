import {noteExchange} from '../task-metrics.ts'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {hasHeader} from '../url-request.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'
import type {Exchange} from './exchange.ts'
import type {Sender} from './exchanger.ts'
import {secretsOf} from './sent-secrets.ts'

/** An answer whose body still waits. */
export interface Answer {
  readonly exchange: Exchange
  readonly response: URLResponse
}

/** How a request is sent, and who hears of it. */
export interface Sending {
  /** Told of every exchange before it has an answer: for interim answers, and to end it. */
  readonly watch?: ((exchange: Exchange) => void) | undefined
  /** send: this request tidies up behind a task that was stopped. Default: refuse. */
  readonly afterStop?: 'refuse' | 'send' | undefined
}

/** Where a request is sent, as far as that decides what goes with it. */
export interface Place extends Pick<Sender, 'negotiation'> {
  /** home: the origin that the task began with, which nothing has led away from. Only there the request is signed. */
  readonly place: 'home' | 'elsewhere'
}

/**
 * Sends one request, with the standing headers and the cookies. An idle connection may die, or still carry bytes beyond
 * the answer before, in the instant it is used again; that is nobody's failure, once.
 */
export async function send(
  task: Task,
  request: URLRequest,
  {negotiation, watch, place, afterStop = 'refuse'}: Sending & Place
): Promise<Answer> {
  for (let replayed = false; ; replayed = true) {
    const {session} = task
    const dressed = {...request, headers: await standingHeaders(task, request)}
    // Last of all: what a signature covers must not change behind it.
    const sent = place === 'home' && task.options.sign ? await task.options.sign(dressed) : dressed
    const keys = session.configuration.keysFor(sent.url)
    if (task.isStopped && afterStop === 'refuse')
      throw new TransferError('CANCELLED', 'The transfer was stopped', {url: request.url})
    task.noteSecrets(secretsOf(sent, keys.proxy))
    // Without the headers that are to be left out, nothing of this would be seen later.
    const expectation = hasHeader(request.headers, 'expect') ? 'never' : undefined
    const exchange = session.exchanger.open(sent, keys, {task, negotiation, expectation})
    watch?.(exchange)
    session.delegate.didSendHead?.(task, asWritten(sent, exchange))
    noteExchange(task, exchange)
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

// The connection writes this header, because it is the one to wait for the word (RFC 9110, 10.1.1).
function asWritten(request: URLRequest, {outgoing}: Exchange): URLRequest {
  if (!outgoing?.mayAsk) return request
  return {...request, headers: [...request.headers, ['Expect', '100-continue']]}
}

function diedIdle(exchange: Exchange, request: URLRequest, error: unknown): boolean {
  const safe = (request.method === 'GET' || request.method === 'HEAD') && !request.body
  const broken =
    error instanceof TransferError &&
    ['EMPTY_REPLY', 'RECEIVE_FAILED', 'SEND_FAILED', 'REPLY_MALFORMED'].includes(error.code)
  return safe && broken && exchange.isReused && exchange.phase === 'awaitingHead'
}

async function standingHeaders(task: Task, request: URLRequest): Promise<HeaderField[]> {
  const {session} = task
  const headers: HeaderField[] = []
  for (const [name, value] of [
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ['User-Agent', session.userAgent]
  ] as const) {
    if (!hasHeader(request.headers, name.toLowerCase())) headers.push([name, value])
  }
  headers.push(...request.headers.filter(([, value]) => value !== ''))
  // The cookies of the session are its credentials, too.
  if (task.options.credentials === 'given') return headers
  const cookie = await session.stores.cookies.header(request.url)
  const own = headers.findIndex(([name]) => name.toLowerCase() === 'cookie')
  if (cookie && own < 0) headers.push(['Cookie', cookie])
  else if (cookie) headers[own] = ['Cookie', `${headers[own]?.[1]}; ${cookie}`]
  return headers
}
