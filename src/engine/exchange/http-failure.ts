import {setTimeout as sleep} from 'node:timers/promises'
import {parseRetryAfter} from '../fields/retry-after.ts'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import type {Answer} from './follow.ts'

const shownBytes = 2048
// Nobody waits long for the text of a refusal.
const patience = 2000

/** Does the task want an answer of 400 and above as a body like any other? */
export function deliversErrors({options}: Task): boolean {
  return (options.httpErrors ?? 'fail') !== 'fail'
}

/** What remains of an error whose body was delivered: the failure itself, where the task asked for both. */
export function deliveredFailure(task: Task, response: URLResponse): TransferError | undefined {
  const {options, originalRequest} = task
  if (response.status < 400 || options.httpErrors !== 'deliverAndFail') return undefined
  return statusError(task, response, {method: originalRequest.method, speaker: 'server'})
}

/** An answer of 400 and above as an error, with the beginning of what the server says about it. */
export async function httpFailure(task: Task, {exchange, response, trouble}: Answer): Promise<TransferError> {
  const pieces: Buffer[] = []
  let size = 0
  const reading = exchange
    .receive({
      write: view => {
        pieces.push(Buffer.from(view.subarray(0, shownBytes - size)))
        size += view.length
        if (size >= shownBytes) exchange.abort()
      }
    })
    .catch(() => {})
  await Promise.race([reading, sleep(patience, undefined, {ref: false})])
  exchange.abort()
  const foreign = foreignQuestion(exchange, response)
  return statusError(task, response, {
    method: exchange.request.method,
    speaker: response.status === 407 && !foreign ? 'proxy' : 'server',
    body: task.withoutSecrets(Buffer.concat(pieces).toString('utf8')),
    trouble: trouble ?? foreign
  })
}

// Whoever answers this to it asks for the login of a proxy that is not its own, and nobody should type it in.
function foreignQuestion(
  {connection}: Answer['exchange'],
  {status, url}: URLResponse
): TransferError | undefined {
  const isFromProxy = url.protocol === 'http:' && connection?.isProxyConnection === true
  if (status !== 407 || isFromProxy) return undefined
  return new TransferError('HTTP_STATUS', 'it asks as only a proxy may', {
    hint: 'No proxy asked this, so no login for one was sent: tell the operator of the server.'
  })
}

interface FailedRequest {
  readonly method: string
  readonly speaker: 'server' | 'proxy'
  readonly body?: string
  readonly trouble?: TransferError | undefined
}

function statusError(
  task: Task,
  response: URLResponse,
  {trouble, speaker, ...facts}: FailedRequest
): TransferError {
  const {status} = response
  const words = `The ${speaker} answered ${status} ${task.withoutSecrets(response.statusText)}`.trim()
  const retryAfter = parseRetryAfter(headerValue(response.headers, 'retry-after') ?? '', {
    now: Date.now(),
    date: headerValue(response.headers, 'date')
  })
  return new TransferError('HTTP_STATUS', trouble ? `${words}: ${trouble.message}` : words, {
    url: response.url,
    status,
    ...(retryAfter === undefined ? {} : {retryAfter}),
    ...(trouble?.hint === undefined ? {} : {hint: trouble.hint, cause: trouble}),
    ...facts
  })
}
