import type {Dispatcher} from 'undici'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'
import type {Connection} from './connection.ts'
import {divertBody} from './divert-body.ts'
import type {Surroundings} from './exchanger.ts'
import {beginFigures, headSize} from './exchange-figures.ts'
import {ExchangeProgress, isSending} from './exchange-progress.ts'
import {fieldsOf, readFraming} from './framing.ts'
import type {Framing} from './framing.ts'
import {InterimLimit} from './interim-limit.ts'
import type {OutgoingBody} from './outgoing-body.ts'
import {translateError} from './translate-error.ts'
import type {ExchangePhase} from './translate-error.ts'
import {steadyTime} from './steady-time.ts'

/** Where a body goes. The view is valid during the call only; a promise holds the sender back until it settles. */
export interface BodySink {
  write(view: Uint8Array): Promise<void> | void
}

// A body that can bypass the parser must be long enough to be worth its connection.
const divertFrom = 1024 * 1024

/**
 * One request and its answer. The body is held back after the head until somebody calls receive() or discard(), so
 * that decisions can take their time.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: URLRequest
  readonly figures = beginFigures()
  readonly head: Promise<URLResponse>
  connection: Connection | undefined
  /** Was the connection used by an exchange before this one? */
  isReused = false
  /** The final status, once there is one. */
  status: number | undefined
  bodyBytes = 0
  /** What of the request's body is sent, and how far it is; undefined without one. */
  outgoing: OutgoingBody | undefined
  /** Told of every interim answer (RFC 9110, 15.2) but 100, with its fields as they came. */
  onInformational: ((status: number, headers: readonly HeaderField[]) => void) | undefined
  framing: Framing = 'none'
  /** Bytes of the body, when announced. */
  contentLength: number | undefined
  readonly #surroundings: Surroundings
  readonly #head = Promise.withResolvers<URLResponse>()
  readonly #end = Promise.withResolvers<void>()
  #controller: Dispatcher.DispatchController | undefined
  #phase: ExchangePhase = 'connecting'
  #sink: BodySink | undefined
  #held = false
  #settled = false
  #unwatch: (() => void) | undefined
  readonly #interim = new InterimLimit()
  #failure: TransferError | undefined

  constructor(request: URLRequest, surroundings: Surroundings) {
    this.#surroundings = surroundings
    this.request = request
    this.head = this.#head.promise
    this.head.catch(() => {})
    this.#end.promise.catch(() => {})
  }

  get phase(): ExchangePhase {
    return this.#phase
  }

  /** Bytes of the request's body that the connection has taken; a body that is sent again begins at 0. */
  get bodyBytesSent(): number {
    return this.outgoing?.sent ?? 0
  }

  /** Lets the body through. Resolves at its proven end; rejects with a TransferError, everything before delivered. */
  async receive(sink: BodySink): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#sink = sink
    if (!this.#settled) {
      this.#held = false
      if (this.#canDivert()) this.#divert()
      else this.#controller?.resume()
    }
    return this.#end.promise
  }

  /** Ends the exchange and its connection. Whoever waits for it is rejected with the error. */
  abort(error: TransferError = new TransferError('CANCELLED', 'The transfer was cancelled')): void {
    if (this.#settled) return
    const controller = this.#controller
    this.#fail(error)
    controller?.abort(error)
  }

  /** The request is made again: until then nobody waits for its answer. */
  startOver(): void {
    this.#phase = 'connecting'
    this.#unwatch?.()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) return controller.abort(this.#failure ?? new Error('stopped'))
    this.figures.requestStart = this.figures.requestEnd = steadyTime()
    this.#phase = 'awaitingHead'
    this.#surroundings.observer.onRequest = connection => {
      this.connection = connection
      this.isReused = connection.requests > 1
      return {body: this.outgoing, onHead: this.#noteHead}
    }
    this.#unwatch?.()
    this.#unwatch = this.#surroundings.deadlines.watch(new ExchangeProgress(this, () => this.#held))
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    text?: string
  ): void {
    if (status < 200) return this.#inform(status, fieldsOf(controller.rawHeaders))
    this.figures.responseStart = steadyTime()
    this.status = status
    this.#phase = 'receiving'
    if (this.connection) this.connection.awaitsHead = false
    const headers = fieldsOf(controller.rawHeaders)
    this.figures.responseHead = headSize(`HTTP/1.1 ${status} ${text ?? ''}`, headers)
    const framing = readFraming({method: this.request.method, status, headers})
    if (framing instanceof TransferError) return this.abort(framing)
    this.framing = framing.framing
    this.contentLength = framing.contentLength
    this.#held = true
    controller.pause()
    this.#head.resolve({
      url: this.request.url,
      status,
      statusText: text ?? '',
      headers,
      expectedContentLength: this.contentLength
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // Every resume delivers an empty piece.
    if (chunk.length === 0 || this.#settled) return
    const hold = this.#write(chunk)
    if (!hold) return
    this.#held = true
    controller.pause()
    this.#releaseAfter(hold, () => controller.resume())
  }

  onResponseEnd(): void {
    const reset = this.framing === 'close' ? this.connection?.failure : undefined
    if (reset) this.#fail(translateError(reset, {request: this.request, phase: 'receiving'}))
    else this.#succeed()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const reset = this.#phase === 'receiving' ? this.connection?.failure : undefined
    const phase = isSending(this) ? 'sending' : this.#phase
    this.#fail(translateError(reset ?? error, {request: this.request, phase}))
  }

  readonly #noteHead = (size: number): void => {
    this.figures.requestHead = size
    this.figures.requestEnd = steadyTime()
  }

  #inform(status: number, headers: readonly HeaderField[]): void {
    // A server that reports how far it is wants the body.
    if (status === 104) this.outgoing?.proceed()
    if (this.#interim.isPassedBy(status, this.outgoing)) {
      this.abort(new TransferError('REPLY_MALFORMED', 'The server sends interim answers without end'))
    } else this.onInformational?.(status, headers)
  }

  #write(view: Uint8Array): Promise<void> | void {
    this.bodyBytes += view.length
    try {
      return this.#sink?.write(view)
    } catch (error) {
      this.abort(translateError(error, {request: this.request, phase: this.#phase}))
    }
  }

  #releaseAfter(hold: Promise<void>, release: () => void): void {
    hold.then(
      () => {
        this.#held = false
        if (!this.#settled) release()
      },
      (error: unknown) => this.abort(translateError(error, {request: this.request, phase: this.#phase}))
    )
  }

  #canDivert(): boolean {
    return (
      this.framing === 'length' && (this.contentLength ?? 0) >= divertFrom && this.connection !== undefined
    )
  }

  #divert(): void {
    if (!this.connection) return
    divertBody(this.connection, {
      length: this.contentLength ?? 0,
      received: () => this.bodyBytes,
      isOver: () => this.#settled,
      write: view => this.#write(view),
      releaseAfter: (hold, release) => {
        this.#held = true
        this.#releaseAfter(hold, release)
      },
      finish: () => this.#finishDiverted()
    })
  }

  #finishDiverted(): void {
    const controller = this.#controller
    this.#succeed()
    controller?.abort(new Error('received'))
  }

  #succeed(): void {
    if (this.#settled) return
    this.#settle()
    this.#end.resolve()
  }

  #fail(error: TransferError): void {
    if (this.#settled) return
    this.#failure = error
    this.#settle()
    this.#head.reject(error)
    this.#end.reject(error)
  }

  #settle(): void {
    this.#settled = true
    this.figures.responseEnd = steadyTime()
    this.#unwatch?.()
    this.outgoing?.close()
    // What the parser has made must not live as long as the task.
    this.#unwatch = this.#controller = this.#sink = undefined
  }
}
