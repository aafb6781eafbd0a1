import {setTimeout as sleep} from 'node:timers/promises'
import type {Task} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {BodySink, Exchange} from './exchange.ts'

/** Lets a body into a sink under the session's rate limit. */
export function receiveBody(
  task: Task,
  {exchange, sink}: {exchange: Exchange; sink: BodySink}
): Promise<void> {
  const {rateLimiter} = task.session
  if (!rateLimiter.isActive) return exchange.receive(sink)
  return exchange.receive({
    write: view => {
      const hold = sink.write(view)
      const delay = rateLimiter.take(view.length)
      if (delay < 1) return hold
      return Promise.all([hold, sleep(delay, undefined, {signal: task.stopSignal}).catch(() => {})]).then(
        () => {}
      )
    }
  })
}

/** Counts what comes and refuses more than --max-filesize allows (decoded bytes count, security P7). */
export function limitSize(task: Task, sink: BodySink): BodySink {
  const limit = task.keys.limits.maxFileSize
  if (limit === undefined) return sink
  let seen = 0
  return {
    write: view => {
      seen += view.length
      if (seen > limit) throw fileTooLarge(limit, task.kind === 'upload' ? 'answer' : 'content')
      return sink.write(view)
    }
  }
}

/** The refusal of --max-filesize, which is about what comes, never about what is sent. */
export function fileTooLarge(limit: number, what: 'content' | 'answer' = 'content'): TransferError {
  return new TransferError('FILE_TOO_LARGE', `The ${what} is larger than the ${limit} bytes allowed`)
}
