import type {DataTask} from '../data-task.ts'
import {decisionOf} from '../exchange/decision.ts'
import {DecodingSink} from '../exchange/decoding-sink.ts'
import type {BodySink} from '../exchange/exchange.ts'
import {mixedReplaceBoundary} from '../exchange/mixed-replace.ts'
import {LastFailure} from '../exchange/persist.ts'
import {limitSize} from '../exchange/receive-body.ts'
import type {ResponseDisposition} from '../session-delegate.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {URLResponse} from '../url-request.ts'
import {codingsToUndo} from './decoding.ts'
import {partsSink} from './parts.ts'

/** Lets the delegate look at an answer. Rejects with CANCELLED where it refuses. */
export async function introduce(
  task: DataTask | UploadTask,
  {response, abort}: {response: URLResponse; abort: () => void}
): Promise<Exclude<ResponseDisposition, 'cancel'>> {
  const disposition = await decisionOf(task, task.session.delegate.didReceiveResponse?.(task, response))
  task.hasIntroducedResponse = true
  if (disposition !== 'cancel') return disposition ?? 'allow'
  abort()
  task.stop('cancel')
  throw new TransferError('CANCELLED', 'The delegate refused the response')
}

/** An answer whose body waits. */
export interface Arrival {
  readonly response: URLResponse
  /** Lets the body through; rejects where its end is not proven. */
  readonly receive: (sink: BodySink) => Promise<void>
}

/** Body to delegate: decoded, taken apart, counted. Once a byte was handed over, a failure is the last one. */
export async function handOver(task: DataTask | UploadTask, {response, receive}: Arrival): Promise<void> {
  const {delegate, progress} = task.session
  const codings = codingsToUndo(task, response)
  const boundary = mixedReplaceBoundary(response)
  const isChanged = codings.length > 0 || boundary !== undefined
  task.countOfBytesExpectedToReceive = isChanged ? undefined : response.expectedContentLength
  let handedOver = false
  const sink = limitSize(task, {
    write: view => {
      handedOver = true
      task.countOfBytesReceived += view.length
      return delegate.didReceiveData?.(task, view)
    }
  })
  const parts = boundary === undefined ? undefined : partsSink(task, {response, boundary, sink})
  const decoder = codings.length > 0 ? new DecodingSink(codings, parts ?? sink) : undefined
  try {
    await receive(decoder ?? parts ?? sink)
    await decoder?.finish()
    if ((await parts?.finish()) === 'truncated') {
      throw new TransferError('TRANSFER_TRUNCATED', 'The content ended within a part')
    }
  } catch (error) {
    if (!handedOver || !(error instanceof TransferError)) throw error
    throw new LastFailure(error)
  }
  progress.finish(task)
}
