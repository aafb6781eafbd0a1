import {timingSafeEqual} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {Readable, pipeline} from 'node:stream'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {TransferError} from '../engine/index.ts'
import {answerRequest, errorBody} from './answer-request.ts'
import type {Answer, Answering, Asked, OpenAnswer, LongAnswer} from './answer-request.ts'
import {largestBody, readJson} from './request-body.ts'
import {TaskWatchers} from './task-watchers.ts'

export interface RequestDeskOptions extends Answering {
  /** The bearer token every request has to carry. */
  readonly token: string
  /** Bytes that the body of a request to this path may have; undefined = as usual. */
  readonly roomFor?: (path: string) => number | undefined
  /** Told when a client comes or has been answered. */
  readonly clientsChanged?: () => void
  /** Milliseconds that a client may take nothing of its answer. Default: a minute. */
  readonly patience?: number
}

const closingPatience = 500
const usualPatience = 60_000

/** Answers the requests of other processes of this user, at whichever door they come in. */
export class RequestDesk {
  readonly #options: RequestDeskOptions
  readonly #watchers: TaskWatchers
  /** Those that somebody waits for, and those that last as long as somebody listens. */
  readonly #open = new Set<ServerResponse>()
  readonly #underWay = new Set<ServerResponse>()
  readonly #streams = new Set<OpenAnswer>()
  #whenAnswered: () => void = () => {}

  constructor(options: RequestDeskOptions) {
    this.#options = options
    this.#watchers = new TaskWatchers(options.roll)
  }

  /** Nobody waits for an answer or listens. */
  get isIdle(): boolean {
    return this.#open.size === 0
  }

  /** For a server of HTTP. */
  readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
    this.#open.add(response)
    response.once('close', () => this.#left(response))
    // Who waits for an answer may be silent for as long as that takes.
    response.setTimeout(this.#options.patience ?? usualPatience, () => {
      if (response.writableNeedDrain) response.destroy()
    })
    this.#options.clientsChanged?.()
    void this.#serve(request, response)
  }

  /** Tells those who listen what is new, and ends their streams. */
  endStreams(): void {
    this.#watchers.close()
    for (const stream of this.#streams) stream.end()
  }

  /** Resolves when all requests have their answers, and after half a second in any case. */
  async answered(): Promise<void> {
    if (this.#underWay.size === 0) return
    const {promise, resolve} = Promise.withResolvers<void>()
    this.#whenAnswered = resolve
    const timer = setTimeout(resolve, closingPatience)
    await promise
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAuthorized(request, this.#options.token)) {
      const refusal = new TransferError('REFUSED', 'The request does not carry the token of this user')
      return send(response, {status: 401, body: errorBody(refusal)})
    }
    if (request.method === 'GET' && request.url === '/tasks/watch') return this.#watchers.add(response)
    this.#underWay.add(response)
    const answer = await this.#answer(request)
    if ('open' in answer) this.#keepOpen(response, answer)
    else send(response, answer)
  }

  #keepOpen(response: ServerResponse, stream: OpenAnswer): void {
    this.#answeredNow(response)
    this.#streams.add(stream)
    response.once('close', () => this.#streams.delete(stream))
    if (response.destroyed) this.#streams.delete(stream)
    stream.open(response)
  }

  async #answer(request: IncomingMessage): Promise<Answer | LongAnswer | OpenAnswer> {
    try {
      const url = request.url ?? ''
      const body = await readJson(request, this.#options.roomFor?.(url) ?? largestBody)
      if (request.method === 'POST') await assertWaitedFor(request)
      const asked: Asked = {method: request.method ?? '', url, body}
      return await answerRequest(asked, this.#options)
    } catch (error) {
      const known =
        error instanceof TransferError
          ? error
          : new TransferError('USAGE', 'The request failed', {cause: error})
      return {status: 400, body: errorBody(known)}
    }
  }

  #left(response: ServerResponse): void {
    this.#open.delete(response)
    this.#answeredNow(response)
    this.#options.clientsChanged?.()
  }

  #answeredNow(response: ServerResponse): void {
    if (this.#underWay.delete(response) && this.#underWay.size === 0) this.#whenAnswered()
  }
}

/**
 * Whoever waited in vain was told that nothing has happened: nothing must happen then, when a process that was stopped for a
 * while goes on. Rejects with CANCELLED.
 */
async function assertWaitedFor({socket}: IncomingMessage): Promise<void> {
  // What has arrived is read in one turn, that it was all of it may show in the next one.
  await nextTurn()
  await nextTurn()
  if (socket.destroyed || socket.readableEnded)
    throw new TransferError('CANCELLED', 'Whoever has asked does not wait for an answer any more')
}

function send(response: ServerResponse, answer: Answer | LongAnswer): void {
  response.writeHead(answer.status, {'content-type': 'application/json', connection: 'close'})
  if ('body' in answer) return void response.end(`${JSON.stringify(answer.body)}\n`)
  // A journal that cannot be read in the middle leaves the answer incomplete, and whoever asked sees that.
  pipeline(Readable.from(answer.pieces, {highWaterMark: 1}), response, () => {})
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(/^Bearer ([0-9a-f]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
