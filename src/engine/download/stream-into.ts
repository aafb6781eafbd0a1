import {open as openFile} from 'node:fs/promises'
import type {DownloadTask} from '../download-task.ts'
import {DecodingSink} from '../exchange/decoding-sink.ts'
import type {BodySink} from '../exchange/exchange.ts'
import {follow} from '../exchange/follow.ts'
import {codingsOf} from '../exchange/content-codings.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import {mixedReplaceBoundary, PartsSink} from '../exchange/mixed-replace.ts'
import {limitSize, receiveBody} from '../exchange/receive-body.ts'
import {missingLength} from '../exchange/required-length.ts'
import {writeFailure} from '../files/write-failure.ts'
import type {TaskOutcome} from '../task.ts'
import type {URLResponse} from '../url-request.ts'
import {introduceResponse} from './ask.ts'

/**
 * A target that is no file (/dev/null, a FIFO): the bytes go straight there, nothing can be resumed. Takes the answer
 * that is open, where there is one.
 */
export async function streamInto(task: DownloadTask, path: string, open?: Answer): Promise<TaskOutcome> {
  task.path = path
  const answer = open ?? task.takeAnswer() ?? (await follow(task, task.originalRequest))
  if (answer.response.status >= 400 && !deliversErrors(task)) throw await httpFailure(task, answer)
  const missing = missingLength(task.options, answer.exchange)
  if (missing) {
    answer.exchange.abort()
    throw missing
  }
  await introduceResponse(task, answer)
  const codings = task.options.decode ? codingsOf(answer.response) : []
  task.countOfBytesExpectedToReceive = codings.length > 0 ? undefined : answer.response.expectedContentLength
  const file = await openFile(path, 'w').catch((error: unknown) => {
    answer.exchange.abort()
    throw writeFailure(error, path)
  })
  try {
    const sink = limitSize(task, {
      write: async view => {
        const piece = Buffer.from(view)
        await file.writeFile(piece).catch((error: unknown) => {
          throw writeFailure(error, path)
        })
        task.countOfBytesReceived += piece.length
      }
    })
    const parts = partsInto(sink, answer.response)
    const decoder = codings.length > 0 ? new DecodingSink(codings, parts ?? sink) : undefined
    await receiveBody(task, {exchange: answer.exchange, sink: decoder ?? parts ?? sink})
    await decoder?.finish()
    await parts?.finish()
  } finally {
    await file.close()
  }
  task.session.progress.finish(task)
  task.session.delegate.didFinishDownloading?.(task, path)
  const failure = deliveredFailure(task, answer.response)
  if (failure) return {state: 'failed', error: failure, path, response: answer.response}
  return {state: 'completed', path, response: answer.response}
}

// Nothing can be replaced there: all parts, one after the other.
function partsInto(sink: BodySink, response: URLResponse): PartsSink | undefined {
  const boundary = mixedReplaceBoundary(response)
  if (boundary === undefined) return undefined
  return new PartsSink(boundary, {begin: () => {}, write: bytes => sink.write(bytes), end: () => {}})
}
