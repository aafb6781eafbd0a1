/** One request and its answer (URLSessionTaskTransactionMetrics). Times are milliseconds since the epoch; absent when the phase did not happen (spec P31). */
export interface TransactionMetrics {
  readonly url: string
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
