import {headerValue} from '../engine/index.ts'
import type {Task, TaskMetrics, TransactionMetrics} from '../engine/index.ts'
import {printable} from './printable.ts'
import type {TaskRecord} from './task-record.ts'

/** A task that has ended, as `-w` looks at it. */
export interface WriteOutFacts {
  readonly task: Task
  readonly record: TaskRecord
}

export type WriteOutValue = string | number | null

/** curl's variables by their names; times are seconds from the start, as curl has them. */
export function writeOutVariables(facts: WriteOutFacts): ReadonlyMap<string, WriteOutValue> {
  const {task, record} = facts
  const {response} = task
  const {received, sent} = sizes(facts)
  const seconds = (record.durationMs ?? 0) / 1000
  return new Map<string, WriteOutValue>([
    ['http_code', response?.status ?? 0],
    ['response_code', response?.status ?? 0],
    ['size_download', received],
    ['size_upload', sent],
    ['speed_download', seconds > 0 ? Math.round(received / seconds) : 0],
    ['speed_upload', seconds > 0 ? Math.round(sent / seconds) : 0],
    ['time_total', seconds],
    ...times(task.metrics),
    ['num_redirects', task.metrics?.redirectCount ?? 0],
    ['num_connects', task.metrics?.transactionMetrics.filter(isFirstOnConnection).length ?? 0],
    ...addresses(facts),
    ['filename_effective', record.path],
    ['content_type', response ? printable(headerValue(response.headers, 'content-type') ?? '') : null],
    ...connection(task.metrics?.transactionMetrics.at(-1)),
    ['method', task.currentRequest.method],
    ['exitcode', record.error?.exitCode ?? 0],
    ['errormsg', record.error?.message ?? null]
  ])
}

/** Whole, with the parameters: a script goes on with them. Only the user and the password are nobody's business. */
function addresses({task}: WriteOutFacts): readonly [string, WriteOutValue][] {
  const effective = task.response?.url ?? task.currentRequest.url
  return [
    ['url', withoutUser(task.originalRequest.url)],
    ['url_effective', withoutUser(effective)],
    ['scheme', effective.protocol.slice(0, -1)]
  ]
}

function withoutUser(address: URL): string {
  const copy = new URL(address)
  copy.username = ''
  copy.password = ''
  return copy.href
}

function connection(transaction: TransactionMetrics | undefined): readonly [string, WriteOutValue][] {
  const version = /(\d(?:\.\d)?)$/.exec(transaction?.networkProtocolName ?? '')?.[1]
  return [
    ['remote_ip', transaction?.remoteAddress ?? null],
    ['remote_port', transaction?.remotePort ?? null],
    ['http_version', (transaction?.networkProtocolName === 'h2' ? '2' : version) ?? '0']
  ]
}

/** Bytes of bodies, over all requests of the task. */
function sizes({task, record}: WriteOutFacts): {readonly received: number; readonly sent: number} {
  if (!task.metrics) {
    const moved = record.bytes - (record.resumedFrom ?? 0)
    const isUpload = task.kind === 'upload'
    return {received: isUpload ? task.countOfBytesReceived : moved, sent: isUpload ? moved : 0}
  }
  const {transactionMetrics: transactions} = task.metrics
  return {
    received: transactions.reduce((sum, each) => sum + each.countOfResponseBodyBytesReceived, 0),
    sent: transactions.reduce((sum, each) => sum + each.countOfRequestBodyBytesSent, 0)
  }
}

/** Each of curl's phases counts from the start of its own transfer, and adds up over redirections. */
function times(metrics: TaskMetrics | undefined): readonly [string, WriteOutValue][] {
  const transactions = metrics?.transactionMetrics ?? []
  const until = (pick: (transaction: TransactionMetrics) => number | undefined): number =>
    transactions.reduce((sum, each) => sum + sinceFetch(each, pick(each)), 0) / 1000
  const [first, last] = [transactions[0], transactions.at(-1)]
  const redirecting = first && last && metrics?.redirectCount ? last.fetchStart - first.fetchStart : 0
  return [
    ['time_namelookup', until(each => each.domainLookupEnd)],
    ['time_connect', until(each => each.connectEnd)],
    ['time_appconnect', until(each => each.secureConnectionEnd)],
    ['time_pretransfer', until(each => each.requestStart)],
    ['time_posttransfer', until(each => each.requestEnd)],
    ['time_starttransfer', until(each => each.responseStart)],
    ['time_redirect', redirecting / 1000]
  ]
}

// Somebody else may have begun the connection that a request then goes out on.
function sinceFetch({fetchStart}: TransactionMetrics, moment: number | undefined): number {
  return moment === undefined ? 0 : Math.max(0, moment - fetchStart)
}

function isFirstOnConnection({networkProtocolName, isReusedConnection}: TransactionMetrics): boolean {
  return networkProtocolName !== undefined && !isReusedConnection
}
