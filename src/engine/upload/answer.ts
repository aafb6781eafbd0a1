import {handOver, introduce} from '../data/hand-over.ts'
import {discardBody} from '../exchange/discard-body.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import {LastFailure} from '../exchange/persist.ts'
import {receiveBody} from '../exchange/receive-body.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'

/**
 * What the server says to the whole upload: its content goes to the delegate. Rejects with HTTP_STATUS; an answer that
 * was taken and breaks off afterwards is the last failure: the body was sent, and sending it again would do it twice.
 */
export async function deliverAnswer(task: UploadTask, answer: Answer): Promise<TaskOutcome> {
  const {exchange, response} = answer
  if (response.status >= 400 && !deliversErrors(task)) throw await httpFailure(task, answer)
  countLastPiece(task)
  task.session.progress.finish(task)
  const disposition = await introduce(task, {response, abort: () => exchange.abort()})
  if (disposition === 'becomeDownload') {
    await discardBody(exchange)
    throw new LastFailure(new TransferError('USAGE', 'The answer to an upload cannot become a download'))
  }
  await handOver(task, {response, receive: sink => receiveBody(task, {exchange, sink})}).catch(last)
  const failure = deliveredFailure(task, response)
  if (failure) return {state: 'failed', error: failure, response}
  const isUnannounced = exchange.framing === 'close'
  return {state: 'completed', response, ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})}
}

// Who answers has all that was given to the connection, even before the connection has said so.
function countLastPiece(task: UploadTask): void {
  const {outgoing} = task.exchanges.findLast(exchange => exchange.outgoing !== undefined) ?? {}
  const {countOfBytesExpectedToSend: whole} = task
  const isWhole = outgoing?.length !== undefined && outgoing.handed === outgoing.length
  if (isWhole && whole !== undefined) task.countOfBytesSent = whole
}

function last(error: unknown): never {
  throw error instanceof TransferError ? new LastFailure(error) : error
}
