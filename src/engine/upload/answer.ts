import {handOver, introduce} from '../data/hand-over.ts'
import {discardBody} from '../exchange/discard-body.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import type {OutgoingBody} from '../exchange/outgoing-body.ts'
import {LastFailure} from '../exchange/persist.ts'
import {receiveBody} from '../exchange/receive-body.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {URLResponse} from '../url-request.ts'
import {withHint} from './with-hint.ts'

/**
 * What the server says to the whole upload: its content goes to the delegate. Rejects with HTTP_STATUS; an answer that
 * was taken and breaks off afterwards is the last failure: the body was sent, and sending it again would do it twice.
 * A success that came before the content was sent is a failure: nobody can have the whole (security P1).
 */
export async function deliverAnswer(task: UploadTask, answer: Answer): Promise<TaskOutcome> {
  const {exchange, response} = answer
  if (!deliversErrors(task)) await assertAccepted(task, answer)
  countLastPiece(task)
  task.session.progress.finish(task)
  const disposition = await introduce(task, {response, abort: () => exchange.abort()})
  if (disposition === 'becomeDownload') {
    await discardBody(exchange)
    throw new LastFailure(
      new TransferError('USAGE', 'The answer to an upload cannot become a download', {
        hint: 'The server may have what was sent. To get its answer into a file, name the file with -o.'
      })
    )
  }
  const how = carriesWhole(task) ? 'afterAll' : 'early'
  await handOver(task, {response, receive: sink => receiveBody(task, {exchange, sink})}).catch(
    (error: unknown) => fail(error, how)
  )
  const isUnannounced = exchange.framing === 'close'
  const failure =
    deliveredFailure(task, response) ??
    deliveredRedirection(task, answer) ??
    prematureSuccess(task, response) ??
    (isUnannounced ? unprovenEnd(task, response) : undefined)
  if (failure) return {state: 'failed', error: failure, response}
  return {state: 'completed', response, ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})}
}

async function assertAccepted(task: UploadTask, answer: Answer): Promise<void> {
  const {exchange, response} = answer
  if (response.status >= 400) throw await httpFailure(task, answer)
  if (isTaken(response, exchange.request.method)) return
  const trouble = new TransferError('HTTP_STATUS', untaken, {hint: lookThere})
  throw await httpFailure(task, {...answer, trouble})
}

const untaken = 'it does not say that it took the content'
const lookThere =
  'Look at its answer with -v; send the content to the address that it names, if it names one.'

/** The same failure, of an answer that was to be delivered nevertheless. */
function deliveredRedirection(task: UploadTask, {exchange, response}: Answer): TransferError | undefined {
  const {status, url} = response
  const {method} = exchange.request
  const isFailing = task.options.httpErrors === 'deliverAndFail'
  if (!isFailing || status >= 400 || isTaken(response, method)) return undefined
  const words = `The server answered ${status} ${task.withoutSecrets(response.statusText)}`.trim()
  return new TransferError('HTTP_STATUS', `${words}: ${untaken}`, {url, method, status, hint: lookThere})
}

function isTaken(response: URLResponse, method: string): boolean {
  return response.status < 300 || isSeenElsewhere(response, method)
}

// RFC 9110, 15.4.4; and what forms have always been answered with (15.4.3, note).
function isSeenElsewhere({status, headers}: URLResponse, method: string): boolean {
  const isForm = method === 'POST' && (status === 301 || status === 302)
  return (status === 303 || isForm) && headers.some(([name]) => name === 'location')
}

function fail(error: unknown, how: 'afterAll' | 'early'): never {
  const failure = error instanceof LastFailure ? error.failure : error
  if (!(failure instanceof TransferError)) throw failure
  throw new LastFailure(how === 'afterAll' ? brokenOff(failure) : failure)
}

// Who sent everything should look before sending it twice.
function brokenOff(error: TransferError): TransferError {
  const {code, hint} = error
  const isBreak = code === 'TRANSFER_TRUNCATED' || code === 'RECEIVE_FAILED' || code === 'TIMED_OUT'
  if (!isBreak || hint !== undefined) return error
  return withHint(
    error,
    'All of it was sent, and only the answer broke off: see what the server has before you send it again.'
  )
}

function unprovenEnd({options}: UploadTask, {url, status}: URLResponse): TransferError | undefined {
  if (!options.requireLength) return undefined
  return new TransferError('TRANSFER_TRUNCATED', 'The server did not announce the length of its answer', {
    url,
    status,
    hint: 'All of it was sent: see what the server has before you send it again, without --require-length.'
  })
}

function prematureSuccess(task: UploadTask, {url, status}: URLResponse): TransferError | undefined {
  const carried = lastBody(task)
  if (status >= 400 || !carried || isHandedOver(carried)) return undefined
  const {handed, length} = carried
  const sent = length === undefined ? `only ${handed} bytes` : `${handed} of ${length} bytes`
  return new TransferError('SEND_FAILED', `The server answered ${status} when it had been sent ${sent}`, {
    url,
    status,
    hint: 'It cannot have the whole content, whatever it says: look at what it answered, and at what it has.'
  })
}

// Who answers has all that was given to the connection, even before the connection has said so.
function countLastPiece(task: UploadTask): void {
  const carried = lastBody(task)
  const {countOfBytesExpectedToSend: whole} = task
  const isWhole = carried?.length !== undefined && isHandedOver(carried)
  if (isWhole && whole !== undefined) task.countOfBytesSent = whole
}

function carriesWhole(task: UploadTask): boolean {
  const carried = lastBody(task)
  return carried !== undefined && isHandedOver(carried)
}

function lastBody({exchanges}: UploadTask): OutgoingBody | undefined {
  return exchanges.findLast(({outgoing}) => outgoing !== undefined)?.outgoing
}

function isHandedOver({length, handed, isHeldBack, state}: OutgoingBody): boolean {
  return length === undefined ? state === 'whole' : handed === length && !isHeldBack
}
