import type {BodyReading, RequestBody} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'
import {UnsentBody} from './unsent-body.ts'

/** What a body needs to know of its request's surroundings. */
export interface OutgoingOptions {
  /** Milliseconds to wait for 100 (Continue) before the body is sent; 0: the server is not asked. */
  readonly patience: number
  /** The server let that time pass. */
  readonly onSilence: () => void
  /** Bytes to hand over at a time, at most; undefined: pieces as they come. */
  readonly most: number | undefined
  /** The last byte was taken. */
  readonly onEnd: () => void
}

// What is never asked for again has no end.
const never = new Promise<never>(() => {})

/**
 * A body on its way to one connection: undici asks it for pieces, and for the next one when the connection has taken the
 * one before. Whatever undici does, the reading is closed by the exchange.
 */
export class OutgoingBody implements AsyncIterableIterator<Uint8Array> {
  /** Bytes that the connection has taken. */
  sent = 0
  /** Bytes given to the connection, which may still be writing the last of them. */
  handed = 0
  /** unread: nobody has asked for a piece yet. stopped: closed before the end. */
  state: 'unread' | 'reading' | 'whole' | 'stopped' = 'unread'
  /** Is the next piece being read? Then it is this side that holds the body back. */
  isWaiting = false
  /** The server was asked whether it wants the body. */
  hasAsked = false
  readonly #body: RequestBody
  readonly #options: OutgoingOptions
  #wasOpened = false
  #isPassedOn = false
  #reading: BodyReading | undefined
  #pieces: AsyncIterator<Uint8Array> | undefined
  #first: Uint8Array | undefined
  /** Of a piece that is handed over in parts. */
  #rest: Uint8Array | undefined
  #release: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(body: RequestBody, options: OutgoingOptions) {
    this.#body = body
    this.#options = options
  }

  /** Bytes; undefined = sent in chunks. */
  get length(): number | undefined {
    return this.#body.length
  }

  get mayAsk(): boolean {
    return this.#options.patience > 0
  }

  /** Does the body wait for the server's word? */
  get isHeldBack(): boolean {
    return this.#release !== undefined
  }

  /** The same body for another dispatch; a new reading only where something of this one was sent. */
  again(reason: 'challenge' | 'retry'): RequestBody {
    const unsent = this.takeUnsent()
    if (unsent) return unsent
    if (this.#wasOpened) return this.#body.again(reason)
    this.#isPassedOn = true
    return this.#body
  }

  /** Once there is an answer to the question whether the server wants the body: the body, if nothing of it was sent. */
  takeUnsent(): RequestBody | undefined {
    const [reading, pieces, first] = [this.#reading, this.#pieces, this.#first]
    if (this.state !== 'stopped' || !reading || !pieces || !first) return undefined
    this.#reading = this.#pieces = this.#first = undefined
    return new UnsentBody(this.#body, {reading, pieces, first})
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.state === 'stopped') return never
    this.sent = this.handed
    if (this.#rest) return Promise.resolve(this.#hand(this.#rest))
    this.#first = undefined
    this.isWaiting = true
    try {
      return this.#next().then(this.#take, this.#fail)
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** undici has lost its connection. */
  return(): Promise<IteratorResult<Uint8Array>> {
    if (this.state !== 'stopped') this.close()
    return Promise.resolve({done: true, value: undefined})
  }

  /** The connection holds the body back until the server wants it, or has said nothing for a while. */
  holdBack(release: () => void): void {
    this.hasAsked = true
    this.#release = release
    this.#timer = setTimeout(() => {
      this.#options.onSilence()
      this.proceed()
    }, this.#options.patience)
  }

  /** The server wants the body. */
  proceed(): void {
    clearTimeout(this.#timer)
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  /** There is an answer. What was not sent at all may be sent with another request, until this is closed. */
  stop(): void {
    if (!this.isHeldBack || !this.#first) return this.close()
    this.#giveUpWaiting()
    this.state = 'stopped'
  }

  /** Nobody wants any more of it. May be called again. */
  close(): void {
    this.#giveUpWaiting()
    if (this.state !== 'whole') this.state = 'stopped'
    this.#reading?.close()
    if (this.#body instanceof UnsentBody && !this.#wasOpened && !this.#isPassedOn) this.#body.close()
    this.#reading = this.#pieces = this.#first = this.#rest = undefined
  }

  #giveUpWaiting(): void {
    clearTimeout(this.#timer)
    // What waited for the server's word was never written.
    if (this.isHeldBack) this.handed = 0
    this.#release = undefined
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#pieces) {
      this.state = 'reading'
      this.#wasOpened = true
      this.#reading = this.#body.open()
      this.#pieces = this.#reading[Symbol.asyncIterator]()
    }
    return this.#pieces.next()
  }

  #hand(piece: Uint8Array): IteratorResult<Uint8Array> {
    const {most = piece.length} = this.#options
    const value = piece.length > most ? piece.subarray(0, most) : piece
    this.#rest = value === piece ? undefined : piece.subarray(most)
    this.handed += value.length
    return {done: false, value}
  }

  readonly #take = (step: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> | Promise<never> => {
    this.isWaiting = false
    if (this.state === 'stopped') return never
    const {length} = this.#body
    const seen = this.handed + (step.done ? 0 : step.value.length)
    // undici would send a body that ends at once as an empty one, which is another body.
    if (length !== undefined && (step.done ? seen < length : seen > length)) {
      return this.#fail(wrongLength(seen, length))
    }
    if (!step.done) {
      if (this.handed === 0) this.#first = step.value
      return this.#hand(step.value)
    }
    this.state = 'whole'
    this.close()
    this.#options.onEnd()
    return {done: true, value: undefined}
  }

  readonly #fail = (cause: unknown): Promise<never> => {
    this.isWaiting = false
    if (this.state === 'stopped') return never
    this.close()
    return Promise.reject(cause instanceof TransferError ? cause : unreadable(cause))
  }
}

function wrongLength(seen: number, length: number): TransferError {
  return new TransferError(
    'READ_FAILED',
    seen < length
      ? `The content to send ended after ${seen} of ${length} bytes`
      : `There is more content to send than the ${length} bytes announced`
  )
}

function unreadable(cause: unknown): TransferError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new TransferError('READ_FAILED', `The content to send cannot be read: ${message}`, {cause})
}
