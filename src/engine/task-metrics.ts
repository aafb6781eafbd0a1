import type {Exchange} from './exchange/exchange.ts'

/** One request and its answer (URLSessionTaskTransactionMetrics). Times are milliseconds since the epoch; absent when the phase did not happen (spec P31). */
export interface TransactionMetrics {
  readonly url: string
  /** localCache: a stored answer was used, and nobody was asked. */
  readonly resourceFetchType: 'networkLoad' | 'localCache'
  readonly status: number | undefined
  readonly fetchStart: number
  readonly domainLookupEnd: number | undefined
  readonly connectStart: number | undefined
  readonly connectEnd: number | undefined
  readonly secureConnectionEnd: number | undefined
  readonly requestStart: number | undefined
  readonly responseStart: number | undefined
  readonly responseEnd: number | undefined
  readonly networkProtocolName: string
  readonly isReusedConnection: boolean
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly countOfResponseBodyBytesReceived: number
}

/** What one task cost (URLSessionTaskMetrics). */
export interface TaskMetrics {
  readonly taskInterval: {readonly start: number; readonly end: number}
  readonly redirectCount: number
  readonly transactionMetrics: readonly TransactionMetrics[]
}

/** Reads the figures of one exchange. A reused connection has no lookup and connect times of its own. */
export function transactionMetrics(exchange: Exchange): TransactionMetrics {
  const {connection, times, isReused} = exchange
  const timings = isReused ? undefined : connection?.timings
  return {
    url: exchange.request.url.href,
    resourceFetchType: 'networkLoad',
    status: exchange.status,
    fetchStart: times.fetchStart,
    domainLookupEnd: timings?.lookup,
    connectStart: timings?.start,
    connectEnd: timings?.connect,
    secureConnectionEnd: timings?.secure,
    requestStart: times.requestStart,
    responseStart: times.responseStart,
    responseEnd: times.responseEnd,
    networkProtocolName: connection ? 'http/1.1' : 'h2',
    isReusedConnection: isReused,
    remoteAddress: connection?.remote?.address,
    remotePort: connection?.remote?.port,
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

/** The figures of a stored answer: no connection, and no byte over it. */
export function cacheTransaction({url, status, start, end}: CacheFetch): TransactionMetrics {
  return {
    url,
    resourceFetchType: 'localCache',
    status,
    fetchStart: start,
    domainLookupEnd: undefined,
    connectStart: undefined,
    connectEnd: undefined,
    secureConnectionEnd: undefined,
    requestStart: undefined,
    responseStart: start,
    responseEnd: end,
    networkProtocolName: '',
    isReusedConnection: false,
    remoteAddress: undefined,
    remotePort: undefined,
    countOfResponseBodyBytesReceived: 0
  }
}
