import type {
  AuthenticationChallenge,
  CacheProposal,
  Redirection,
  Task,
  TaskMetrics,
  TransactionMetrics,
  URLResponse
} from '../engine/index.ts'
import {headerFields} from './header-fields.ts'
import {maskUrl} from './mask.ts'
import {printable} from './printable.ts'
import {shownAddress} from './shown-address.ts'

/** What an event tells, for --events and for hooks: masked and escaped, null for absence. */
export type Facts = Readonly<Record<string, unknown>>

/** A redirection: where from, and where to. */
export function redirectFacts(task: Task, {response, request}: Redirection): Facts {
  const to = task.withoutSecrets(maskUrl(request.url.href))
  return {status: response.status, from: shownAddress(task, response.url.href), to}
}

/** The head of an answer. */
export function responseFacts(task: Task, response: URLResponse): Facts {
  return {...headFacts(task, response), part: response.part ?? null}
}

/** The head of an answer, whichever part of it brings the content. */
export function headFacts(task: Task, {status, headers, url}: URLResponse): Facts {
  return {status, headers: headerFields(task, headers), url: shownAddress(task, url.href)}
}

/** Who asks to be told who we are, and why once more. Never the credential. */
export function challengeFacts(task: Task, challenge: AuthenticationChallenge): Facts {
  const {scope, protectionSpace, previousFailureCount, error} = challenge
  const {method, realm, host, port, protocol, isProxy} = protectionSpace
  return {
    scope,
    method,
    realm: realm === undefined ? null : printable(task.withoutSecrets(realm)),
    host: printable(host),
    port,
    protocol,
    isProxy,
    previousFailureCount,
    error: error ? {code: error.code, message: printable(error.message)} : null
  }
}

/** An answer that may be stored; `size` in bytes. */
export function cachingFacts(task: Task, {response, size}: CacheProposal): Facts {
  return {...headFacts(task, response), size}
}

/** What a task cost: phases in milliseconds, moments in UTC, sizes in bytes. */
export function metricsFacts(task: Task, metrics: TaskMetrics): Facts {
  const {taskInterval, redirectCount, transactionMetrics} = metrics
  return {
    start: moment(taskInterval.start),
    end: moment(taskInterval.end),
    redirectCount,
    transactions: transactionMetrics.map(each => transactionFacts(task, each))
  }
}

function transactionFacts(task: Task, metrics: TransactionMetrics): Facts {
  return {
    url: shownAddress(task, metrics.url),
    status: metrics.status ?? null,
    start: moment(metrics.fetchStart),
    ...phases(metrics),
    protocol: metrics.networkProtocolName ?? null,
    reused: metrics.isReusedConnection,
    proxy: metrics.isProxyConnection,
    fetchType: metrics.resourceFetchType,
    remoteAddress: metrics.remoteAddress ?? null,
    remotePort: metrics.remotePort ?? null,
    localAddress: metrics.localAddress ?? null,
    localPort: metrics.localPort ?? null,
    tlsVersion: metrics.negotiatedTLSProtocolVersion ?? null,
    tlsCipher: metrics.negotiatedTLSCipherSuite ?? null,
    requestHeaderBytes: metrics.countOfRequestHeaderBytesSent ?? null,
    requestBodyBytes: metrics.countOfRequestBodyBytesSent,
    responseHeaderBytes: metrics.countOfResponseHeaderBytesReceived,
    bytes: metrics.countOfResponseBodyBytesReceived,
    moments: moments(metrics)
  }
}

/** Null where a phase did not happen. */
function phases(metrics: TransactionMetrics): Facts {
  return {
    dns: span(metrics.domainLookupStart, metrics.domainLookupEnd),
    connect: span(metrics.connectStart, metrics.connectEnd),
    tls: span(metrics.secureConnectionStart, metrics.secureConnectionEnd),
    request: span(metrics.requestStart, metrics.responseStart),
    response: span(metrics.responseStart, metrics.responseEnd)
  }
}

function moments(metrics: TransactionMetrics): Facts {
  return {
    fetchStart: moment(metrics.fetchStart),
    domainLookupStart: moment(metrics.domainLookupStart),
    domainLookupEnd: moment(metrics.domainLookupEnd),
    connectStart: moment(metrics.connectStart),
    connectEnd: moment(metrics.connectEnd),
    secureConnectionStart: moment(metrics.secureConnectionStart),
    secureConnectionEnd: moment(metrics.secureConnectionEnd),
    requestStart: moment(metrics.requestStart),
    requestEnd: moment(metrics.requestEnd),
    responseStart: moment(metrics.responseStart),
    responseEnd: moment(metrics.responseEnd)
  }
}

function moment(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}

function span(start: number | undefined, end: number | undefined): number | null {
  return start === undefined || end === undefined ? null : end - start
}
