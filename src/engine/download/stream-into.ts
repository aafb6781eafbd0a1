import {open} from 'node:fs/promises'
import type {DownloadTask} from '../download-task.ts'
import {decisionOf} from '../exchange/decision.ts'
import {follow} from '../exchange/follow.ts'
import {deliveredFailure, deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import {limitSize, receiveBody} from '../exchange/receive-body.ts'
import type {TaskOutcome} from '../task.ts'
import {writeFailure} from './write-failure.ts'

/** A target that is no file (/dev/null, a FIFO): the bytes go straight there, nothing can be resumed. */
export async function streamInto(task: DownloadTask, path: string): Promise<TaskOutcome> {
  task.path = path
  const answer = await follow(task, task.originalRequest)
  if (answer.response.status >= 400 && !deliversErrors(task)) throw await httpFailure(answer)
  await decisionOf(task, task.session.delegate.didReceiveResponse?.(task, answer.response))
  task.countOfBytesExpectedToReceive = answer.response.expectedContentLength
  const file = await open(path, 'w').catch((error: unknown) => {
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
    await receiveBody(task, {exchange: answer.exchange, sink})
  } finally {
    await file.close()
  }
  task.session.progress.finish(task)
  task.session.delegate.didFinishDownloading?.(task, path)
  const failure = deliveredFailure(task, answer.response)
  if (failure) return {state: 'failed', error: failure, path, response: answer.response}
  return {state: 'completed', path, response: answer.response}
}
