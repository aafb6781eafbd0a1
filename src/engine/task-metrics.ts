import type {Exchange} from './exchange/exchange.ts'
import {steadyTime} from './exchange/steady-time.ts'
import type {Task} from './task.ts'

/**
 * One request and its answer (URLSessionTaskTransactionMetrics, P31). Times are milliseconds since the epoch, sizes are
 * bytes; absent is what did not happen, as lookup, connect and TLS on a connection that was used before.
 */
export interface TransactionMetrics {
  readonly url: string
  /** localCache: a stored answer was used, and nobody was asked. */
  readonly resourceFetchType: 'networkLoad' | 'localCache'
  readonly status: number | undefined
  readonly fetchStart: number
  /** Absent for an address that needs no lookup. */
  readonly domainLookupStart: number | undefined
  readonly domainLookupEnd: number | undefined
  readonly connectStart: number | undefined
  /** TCP stands, or the tunnel through a proxy does; TLS comes after that. */
  readonly connectEnd: number | undefined
  readonly secureConnectionStart: number | undefined
  readonly secureConnectionEnd: number | undefined
  readonly requestStart: number | undefined
  readonly requestEnd: number | undefined
  readonly responseStart: number | undefined
  readonly responseEnd: number | undefined
  /** By its name in ALPN (RFC 7301): http/1.1, h2; absent where no connection was made. */
  readonly networkProtocolName: string | undefined
  readonly isProxyConnection: boolean
  readonly isReusedConnection: boolean
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** As in TLSv1.3. */
  readonly negotiatedTLSProtocolVersion: string | undefined
  /** As in TLS_AES_128_GCM_SHA256. */
  readonly negotiatedTLSCipherSuite: string | undefined
  /** Absent over HTTP/2, which compresses heads. */
  readonly countOfRequestHeaderBytesSent: number | undefined
  readonly countOfRequestBodyBytesSent: number
  /** As HTTP/1.1 writes them. */
  readonly countOfResponseHeaderBytesReceived: number
  readonly countOfResponseBodyBytesReceived: number
}

/** What one task cost (URLSessionTaskMetrics). */
export interface TaskMetrics {
  readonly taskInterval: {readonly start: number; readonly end: number}
  readonly redirectCount: number
  /** One for each request: redirections, challenges and retries have their own. Of more than a thousand, the last ones. */
  readonly transactionMetrics: readonly TransactionMetrics[]
}

// What an exchange holds on to, the memory of its connection above all, is some tens of kilobytes; its figures are few.
const mostExchanges = 50
const mostTransactions = 1000

/**
 * @internal For the engine: adds a request to those of a task. One that ended long ago leaves its figures only, and in the
 * end not even those: a task may go on for days.
 */
export function noteExchange({exchanges, transactions}: Task, exchange: Exchange): void {
  exchanges.push(exchange)
  if (exchanges.length <= mostExchanges) return
  const ended = exchanges.findIndex(({figures}) => figures.responseEnd !== undefined)
  if (ended < 0) return
  transactions.push(...exchanges.splice(ended, 1).map(transactionMetrics))
  if (transactions.length > mostTransactions) transactions.shift()
}

/** What a task has cost that ends now. */
export function metricsOf(task: Task, cacheFetches: readonly CacheFetch[]): TaskMetrics {
  const transactions = transactionsOf(task, cacheFetches)
  const now = steadyTime()
  return {
    taskInterval: {start: task.started ?? now, end: now},
    redirectCount: redirectCountOf(transactions),
    transactionMetrics: transactions
  }
}

/** Exchanges, and uses of stored answers, in the order in which they began. */
function transactionsOf(
  {exchanges, transactions}: Task,
  cacheFetches: readonly CacheFetch[]
): readonly TransactionMetrics[] {
  const requests = exchanges.map(transactionMetrics)
  if (transactions.length === 0 && cacheFetches.length === 0) return requests
  return [...transactions, ...requests, ...cacheFetches.map(cacheTransaction)].toSorted(
    (one, other) => one.fetchStart - other.fetchStart
  )
}

const redirections = new Set([301, 302, 303, 307, 308])

/** Redirections that were followed: one that was not is the end of its task. */
function redirectCountOf(transactions: readonly TransactionMetrics[]): number {
  return transactions.slice(0, -1).filter(({status = 0}) => redirections.has(status)).length
}

// In one piece, because this comes with every small file. Connections of HTTP/2 are not ours: of them only the protocol is
// known.
function transactionMetrics(exchange: Exchange): TransactionMetrics {
  const {figures, connection, isReused} = exchange
  const timings = isReused ? undefined : connection?.timings
  const ends = connection?.ends
  const wasSent = figures.requestStart !== undefined
  return {
    url: exchange.request.url.href,
    resourceFetchType: 'networkLoad',
    status: exchange.status,
    fetchStart: figures.fetchStart,
    domainLookupStart: timings?.lookup === undefined ? undefined : timings.lookupStart,
    domainLookupEnd: timings?.lookup,
    connectStart: timings?.lookup ?? timings?.start,
    connectEnd: timings?.connect,
    secureConnectionStart: timings?.secureStart,
    secureConnectionEnd: timings?.secure,
    requestStart: figures.requestStart,
    requestEnd: figures.requestEnd,
    responseStart: figures.responseStart,
    responseEnd: figures.responseEnd,
    networkProtocolName: connection ? 'http/1.1' : wasSent ? 'h2' : undefined,
    isProxyConnection: connection?.isProxyConnection ?? false,
    isReusedConnection: isReused,
    remoteAddress: ends?.remoteAddress,
    remotePort: ends?.remotePort,
    localAddress: ends?.localAddress,
    localPort: ends?.localPort,
    negotiatedTLSProtocolVersion: ends?.tlsVersion,
    negotiatedTLSCipherSuite: ends?.tlsCipher,
    countOfRequestHeaderBytesSent: wasSent ? figures.requestHead : 0,
    countOfRequestBodyBytesSent: exchange.bodyBytesSent,
    countOfResponseHeaderBytesReceived: figures.responseHead,
    countOfResponseBodyBytesReceived: exchange.bodyBytes
  }
}

/** One use of a stored answer; times are milliseconds since the epoch. */
export interface CacheFetch {
  readonly url: string
  readonly status: number
  readonly start: number
  readonly end: number
}

// No connection, and no byte over it.
function cacheTransaction({url, status, start, end}: CacheFetch): TransactionMetrics {
  return {
    url,
    resourceFetchType: 'localCache',
    status,
    fetchStart: start,
    domainLookupStart: undefined,
    domainLookupEnd: undefined,
    connectStart: undefined,
    connectEnd: undefined,
    secureConnectionStart: undefined,
    secureConnectionEnd: undefined,
    requestStart: undefined,
    requestEnd: undefined,
    responseStart: start,
    responseEnd: end,
    networkProtocolName: undefined,
    isProxyConnection: false,
    isReusedConnection: false,
    remoteAddress: undefined,
    remotePort: undefined,
    localAddress: undefined,
    localPort: undefined,
    negotiatedTLSProtocolVersion: undefined,
    negotiatedTLSCipherSuite: undefined,
    countOfRequestHeaderBytesSent: 0,
    countOfRequestBodyBytesSent: 0,
    countOfResponseHeaderBytesReceived: 0,
    countOfResponseBodyBytesReceived: 0
  }
}
