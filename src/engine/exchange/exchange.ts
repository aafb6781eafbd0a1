import type {Dispatcher} from 'undici'
import {TransferError} from '../transfer-error.ts'
import type {URLRequest, URLResponse} from '../url-request.ts'
import type {Connection} from './connection.ts'
import type {Watched} from './deadlines.ts'
import type {Surroundings} from './exchanger.ts'
import {beginFigures, headSize} from './exchange-figures.ts'
import {fieldsOf, readFraming} from './framing.ts'
import type {Framing} from './framing.ts'
import {translateError} from './translate-error.ts'
import type {ExchangePhase} from './translate-error.ts'
import {steadyTime} from './steady-time.ts'

/** Where a body goes. The view is valid during the call only; a promise holds the sender back until it settles. */
export interface BodySink {
  write(view: Uint8Array): Promise<void> | void
}

const maxInformational = 32
// A body that can bypass the parser must be long enough to be worth its connection.
const divertFrom = 1024 * 1024

/**
 * One request and its answer. The body is held back after the head until somebody calls receive() or discard(), so
 * that decisions can take their time.
 */
export class Exchange implements Dispatcher.DispatchHandler, Watched {
  readonly request: URLRequest
  readonly figures = beginFigures()
  readonly head: Promise<URLResponse>
  connection: Connection | undefined
  /** Was the connection used by an exchange before this one? */
  isReused = false
  /** The final status, once there is one. */
  status: number | undefined
  bodyBytes = 0
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
  #informational = 0
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

  progress(): number {
    // The head has to be whole in time, however its bytes drip.
    return this.#phase === 'receiving' ? (this.connection?.bytesRead ?? this.bodyBytes) : 0
  }

  isHeld(): boolean {
    return this.#held || this.#phase === 'connecting'
  }

  bytes(): number {
    return this.bodyBytes
  }

  expire(error: TransferError): void {
    this.abort(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) return controller.abort(this.#failure ?? new Error('stopped'))
    this.figures.requestStart = this.figures.requestEnd = steadyTime()
    this.#phase = 'awaitingHead'
    this.#surroundings.observer.onRequestWritten = (connection, size) => {
      this.connection = connection
      this.figures.requestHead = size
      this.figures.requestEnd = steadyTime()
      this.isReused = connection.requests > 1
    }
    this.#unwatch?.()
    this.#unwatch = this.#surroundings.deadlines.watch(this)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    text?: string
  ): void {
    if (status < 200) {
      this.#informational += 1
      if (this.#informational > maxInformational) {
        this.abort(new TransferError('REPLY_MALFORMED', 'The server sends interim answers without end'))
      }
      return
    }
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
    this.#fail(translateError(reset ?? error, {request: this.request, phase: this.#phase}))
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

  // Past the head of a long body of known length the parser has nothing to add but a copy of every byte.
  #divert(): void {
    const {connection} = this
    const length = this.contentLength ?? 0
    connection?.divert(view => {
      if (this.#settled) return false
      const missing = length - this.bodyBytes
      const hold = this.#write(view.length > missing ? view.subarray(0, missing) : view)
      if (this.bodyBytes === length) {
        if (hold) this.#releaseAfter(hold, () => this.#finishDiverted())
        else this.#finishDiverted()
        return false
      }
      if (!hold) return true
      this.#held = true
      this.#releaseAfter(hold, () => connection.release())
      return false
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
    // What the parser has made must not live as long as the task.
    this.#unwatch = this.#controller = this.#sink = undefined
  }
}
