import type {DownloadTask} from '../download-task.ts'
import {acceptedCodings} from '../exchange/decoding-sink.ts'
import {decisionOf} from '../exchange/decision.ts'
import {discardBody} from '../exchange/discard-body.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import {rangeHeaders} from './range-request.ts'
import type {Held} from './range-request.ts'

/** The answer that a data task handed over, unless it would bring again what is here already; else a new one. */
export async function ask(task: DownloadTask, held: Held | undefined): Promise<Answer> {
  const open = task.takeAnswer()
  if (open && !held) return open
  if (open) await discardBody(open.exchange)
  return follow(task, {...task.originalRequest, headers: rangeHeaders(requestHeaders(task), held)})
}

export function requestHeaders(task: DownloadTask): DownloadTask['originalRequest']['headers'] {
  const {headers} = task.originalRequest
  if (!task.options.decode) return headers
  return [...headers, ['Accept-Encoding', acceptedCodings]]
}

/** Answers that bring no content: an error, or "not modified" where that was asked. */
export async function refuse(
  task: DownloadTask,
  {answer, held}: {answer: Answer; held: Held | undefined}
): Promise<TaskOutcome | undefined> {
  const {status} = answer.response
  if (status === 304) {
    await discardBody(answer.exchange)
    if (task.originalRequest.headers.some(([name]) => /^if-(none-match|modified-since)$/i.test(name))) {
      return {state: 'completed', response: answer.response, note: 'notModified'}
    }
    throw new TransferError(
      'REPLY_MALFORMED',
      'The server says "not modified" although nobody asked for that'
    )
  }
  if (status < 400 || (held && (status === 412 || status === 416))) return undefined
  // What is here is worth more than the text of an error (D15).
  if (deliversErrors(task) && !held) return undefined
  throw await httpFailure(task, answer)
}

/** Lets the delegate look at the first answer that counts; rejects where it refuses. A download stays a download. */
export async function introduceResponse(task: DownloadTask, {exchange, response}: Answer): Promise<void> {
  if (task.hasIntroducedResponse) return
  task.hasIntroducedResponse = true
  const disposition = await decisionOf(task, task.session.delegate.didReceiveResponse?.(task, response))
  if (disposition !== 'cancel') return
  exchange.abort()
  task.stop('cancel')
  throw new TransferError('CANCELLED', 'The delegate refused the response')
}
