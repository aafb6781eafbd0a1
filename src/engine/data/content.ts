import type {DataTask} from '../data-task.ts'
import type {BodySink} from '../exchange/exchange.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {deliversErrors, httpFailure} from '../exchange/http-failure.ts'
import {receiveBody} from '../exchange/receive-body.ts'
import {steadyTime} from '../exchange/steady-time.ts'
import {ageOf} from '../storage/cached-answer.ts'
import type {CachedAnswer} from '../storage/cached-answer.ts'
import {TransferError} from '../transfer-error.ts'
import type {URLRequest, URLResponse} from '../url-request.ts'

/** An answer whose body waits: the server's, or one that was stored. */
export interface Content {
  readonly response: URLResponse
  /** The open answer of the server, for whom a stored one is no use. */
  answer(): Promise<Answer>
  /** Lets the body through; rejects where its end is not proven. */
  receive(sink: BodySink): Promise<void>
  /** Throws the body away. */
  abort(): void
}

const pieceSize = 64 * 1024

export function networkContent(task: DataTask, answer: Answer): Content {
  const {exchange, response} = answer
  return {
    response,
    answer: () => Promise.resolve(answer),
    receive: sink => receiveBody(task, {exchange, sink}),
    abort: () => exchange.abort()
  }
}

/** The stored answer in the place of one from the server; how old it is stands in its head (RFC 9111, 5.1). */
export function storedContent(
  task: DataTask,
  {request, stored}: {request: URLRequest; stored: CachedAnswer}
): Content {
  const {head, body} = stored
  const start = steadyTime()
  const age = Math.max(0, Math.floor(Math.min(ageOf(head, Date.now()), 2 ** 31)))
  const response: URLResponse = {
    url: task.currentRequest.url,
    status: head.status,
    statusText: head.statusText,
    headers: [...head.headers.filter(([name]) => name !== 'age'), ['age', String(age)]],
    expectedContentLength: body.length
  }
  task.response = response
  task.session.delegate.didReceiveHead?.(task, response)
  const note = (): void => {
    task.cacheFetches.push({url: response.url.href, status: head.status, start, end: steadyTime()})
  }
  return {
    response,
    answer: () => askServer(task, request),
    receive: async sink => {
      for (let offset = 0; offset < body.length; offset += pieceSize) {
        assertWanted(task)
        await sink.write(body.subarray(offset, offset + pieceSize))
      }
      note()
    },
    abort: note
  }
}

// What becomes a file comes from its server, never from the cache.
async function askServer(task: DataTask, request: URLRequest): Promise<Answer> {
  if (task.keys.cache.policy === 'cacheOnly') {
    throw new TransferError(
      'REFUSED',
      'The policy cacheOnly forbids to ask the server, and files are never taken from the cache'
    )
  }
  const answer = await follow(task, request)
  if (answer.response.status >= 400 && !deliversErrors(task)) throw await httpFailure(task, answer)
  return answer
}

function assertWanted({stopSignal}: DataTask): void {
  if (stopSignal.aborted) throw new TransferError('CANCELLED', 'The task was stopped')
}
