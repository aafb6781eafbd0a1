import {becomeDownload} from './become-download.ts'
import type {DataTask} from './data-task.ts'
import {decisionOf} from './exchange/decision.ts'
import {acceptedCodings, DecodingSink} from './exchange/decoding-sink.ts'
import {follow} from './exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from './exchange/http-failure.ts'
import {persist} from './exchange/persist.ts'
import {limitSize, receiveBody} from './exchange/receive-body.ts'
import {codingsOf} from './download/place-response.ts'
import type {TaskOutcome} from './task.ts'
import {TransferError} from './transfer-error.ts'

/** Asks and hands the body to the delegate. Once a byte was handed over, a failure cannot be tried again. */
export async function receiveData(task: DataTask): Promise<TaskOutcome> {
  let handedOver = false
  return persist(task, {
    received: () => 0,
    attempt: async () => {
      try {
        return await attempt(task, () => {
          handedOver = true
        })
      } catch (error) {
        if (!handedOver || !(error instanceof TransferError)) throw error
        throw new DataInterrupted(error)
      }
    }
  }).catch((error: unknown) => {
    throw error instanceof DataInterrupted ? error.failure : error
  })
}

/** Keeps a failure from being tried again. */
class DataInterrupted extends Error {
  readonly failure: TransferError

  constructor(failure: TransferError) {
    super(failure.message)
    this.failure = failure
  }
}

async function attempt(task: DataTask, onData: () => void): Promise<TaskOutcome> {
  const {delegate, progress} = task.session
  const {headers} = task.originalRequest
  const wanted = task.options.decode ? [...headers, ['Accept-Encoding', acceptedCodings] as const] : headers
  const answer = await follow(task, {...task.originalRequest, headers: wanted})
  const {exchange, response} = answer
  if (response.status >= 400 && !deliversErrors(task)) throw await httpFailure(answer)
  const disposition = await decisionOf(task, delegate.didReceiveResponse?.(task, response))
  task.hasIntroducedResponse = true
  if (disposition === 'cancel') {
    exchange.abort()
    task.stop('cancel')
    throw new TransferError('CANCELLED', 'The delegate refused the response')
  }
  if (disposition === 'becomeDownload') return becomeDownload(task, answer)
  const codings = codingsOf(response)
  const isDecoded = task.options.decode === true && codings.length > 0
  task.countOfBytesExpectedToReceive = isDecoded ? undefined : response.expectedContentLength
  const sink = limitSize(task, {
    write: view => {
      onData()
      task.countOfBytesReceived += view.length
      return delegate.didReceiveData?.(task, view)
    }
  })
  const decoder = isDecoded ? new DecodingSink(codings, sink) : undefined
  await receiveBody(task, {exchange, sink: decoder ?? sink})
  await decoder?.finish()
  progress.finish(task)
  const isUnannounced = exchange.framing === 'close'
  if (isUnannounced && task.options.requireLength) {
    throw new TransferError('TRANSFER_TRUNCATED', 'The server did not announce the length')
  }
  const failure = deliveredFailure(task, response)
  if (failure) return {state: 'failed', error: failure, response}
  return {state: 'completed', response, ...(isUnannounced ? {note: 'unannouncedLength' as const} : {})}
}
