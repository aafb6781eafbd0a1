import type {TransactionMetrics} from '../../src/engine/index.ts'

/** A request over a connection of its own that was made for it: a lookup of 1 ms, and everything else by the way. */
export function transaction(start: number, changes: Partial<TransactionMetrics> = {}): TransactionMetrics {
  return {
    url: 'http://127.0.0.1/f',
    resourceFetchType: 'networkLoad',
    status: 200,
    fetchStart: start,
    domainLookupStart: start,
    domainLookupEnd: start + 1,
    connectStart: start + 1,
    connectEnd: start + 3,
    secureConnectionStart: undefined,
    secureConnectionEnd: undefined,
    requestStart: start + 4,
    requestEnd: start + 5,
    responseStart: start + 10,
    responseEnd: start + 100,
    networkProtocolName: 'http/1.1',
    isProxyConnection: false,
    isReusedConnection: false,
    remoteAddress: '127.0.0.1',
    remotePort: 8080,
    localAddress: '127.0.0.1',
    localPort: 50000,
    negotiatedTLSProtocolVersion: undefined,
    negotiatedTLSCipherSuite: undefined,
    countOfRequestHeaderBytesSent: 80,
    countOfRequestBodyBytesSent: 0,
    countOfResponseHeaderBytesReceived: 120,
    countOfResponseBodyBytesReceived: 500,
    ...changes
  }
}
