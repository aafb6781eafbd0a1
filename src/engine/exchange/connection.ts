import {Socket} from 'node:net'
import {TransferError} from '../transfer-error.ts'
import {BodyWriter} from './body-writer.ts'
import {endsOf} from './connection-ends.ts'
import type {Ends} from './connection-ends.ts'
import {InterimFilter} from './interim-filter.ts'
import type {OutgoingBody} from './outgoing-body.ts'
import {survivesFailedWrites} from './failed-writes.ts'

// As much as a short body and more.
const keptSize = 32 * 1024

/** Takes bytes as they come from the wire; false holds further bytes back until the connection is released. */
export type Receiver = (view: Buffer) => boolean

/**
 * When the steps of making a connection happened, in milliseconds since the epoch. Through a proxy, lookup and connect
 * are the proxy's, and the tunnel stands with connect.
 */
export interface ConnectionTimings {
  readonly start: number
  lookupStart: number | undefined
  lookup: number | undefined
  connect: number | undefined
  secureStart: number | undefined
  secure: number | undefined
}

/** Where a connection comes from. */
export interface Descent {
  readonly observer: ConnectionObserver
  readonly timings: ConnectionTimings
  /** Is a proxy at the other end of the socket? */
  readonly isProxyConnection: boolean
  /** filled: the socket reads into the session's buffer and calls fill(). pushed: its own reads are taken from it. */
  readonly feed: 'filled' | 'pushed'
}

/** What the exchanges of a session learn from their connections. */
export interface ConnectionObserver {
  /** Told which connection a request goes out on; takes what is to be told of it. */
  onRequest: ((connection: Connection) => Outgoing) | undefined
}

/** A request on its way out. */
export interface Outgoing {
  readonly body: OutgoingBody | undefined
  /** Told when the head is written, and how many bytes it has. */
  readonly onHead: (size: number) => void
}

/**
 * One socket that fills a buffer shared by all connections of a session. The HTTP parser gets views of that buffer
 * through read(), so nothing is allocated per read; whoever is given a view uses it before returning. What the parser
 * hands back (unshift, when paused) and what comes until it asks again is copied.
 */
export class Connection {
  readonly socket: Socket
  /** Known from the first request on, and still after it was closed. */
  ends: Ends | undefined
  readonly timings: ConnectionTimings
  readonly isProxyConnection: boolean
  /** Until the head is whole: the parser keeps views of its pieces, so these have to be copies. */
  awaitsHead = true
  /** Requests written so far; more than one means the connection was reused. */
  requests = 0
  /** Bytes received; deadlines watch it. */
  bytesRead = 0
  /** The error that ended the connection, if one did: a reset must never look like a normal end. */
  failure: Error | undefined
  /** The view that is being offered to the parser. */
  #offered: Buffer | undefined
  /** Copies of what came while nobody took bytes: TLS goes on decrypting after it was told to stop. */
  readonly #queue: Buffer[] = []
  /** No byte of the awaited answer has come: only then does a view begin with a status line. */
  #isHeadFresh = true
  /** The memory behind the session's buffer, as far as this connection has seen it. */
  #shared: ArrayBufferLike | undefined
  #kept: Buffer | undefined
  #held = false
  #receiver: Receiver | undefined
  readonly #observer: ConnectionObserver
  readonly #feed: Descent['feed']
  readonly #interim = new InterimFilter(() => this.#writer?.body.proceed())
  readonly #write: Socket['write']
  /** Of the request under way, if it has a body, or the last one. */
  #writer: BodyWriter | undefined
  #survives = false

  constructor(socket: Socket, {observer, timings, isProxyConnection, feed}: Descent) {
    this.socket = socket
    this.timings = timings
    this.isProxyConnection = isProxyConnection
    this.#observer = observer
    this.#feed = feed
    if (feed === 'pushed') this.#takeReads()
    const {on, write} = socket
    this.#write = write
    socket.read = size => this.#read(size)
    socket.unshift = chunk => this.#unshift(chunk as Buffer)
    socket.write = ((...values: Parameters<Socket['write']>) => {
      if (this.#writer?.isOver(values[0])) this.#writer = undefined
      if (this.#writer) return this.#writer.write(values)
      if (this.#observer.onRequest) this.#announce()?.onHead(values[0].length)
      return write.apply(socket, values)
    }) as Socket['write']
    // undici listens for it right before it asks a body for its first piece: the head is written with that, when other
    // requests may have gone out already.
    socket.on = ((...values: Parameters<Socket['on']>) => {
      if (String(values[0]) === 'drain') this.#beginBody()
      return on.apply(socket, values)
    }) as Socket['on']
    socket.on('error', error => {
      this.failure ??= error
    })
  }

  /** The onread callback: true to go on reading. */
  fill(length: number, buffer: Uint8Array): boolean {
    this.bytesRead += length
    const view = this.#interim.pass(buffer.subarray(0, length) as Buffer)
    if (view.length === 0) return this.#isWithoutFlood()
    if (this.#held || this.#queue.length > 0) {
      this.#queue.push(Buffer.from(view))
      return false
    }
    if (this.#receiver) return this.#deliver(this.#receiver, view)
    this.#shared = view.buffer
    // The parser keeps slices of a head until it is whole.
    const isWhole = this.#isHeadFresh && holdsWholeHead(view)
    this.#isHeadFresh = false
    this.#offered = this.awaitsHead && !isWhole ? Buffer.from(view) : view
    this.socket.emit('readable')
    if (this.#offered) this.#queue.push(this.#keep(this.#offered))
    this.#offered = undefined
    return !this.#held && this.#queue.length === 0
  }

  /**
   * Takes the connection away from the parser: every further byte goes to the receiver. Only for a parser that is paused
   * inside a body of known length; afterwards the connection cannot serve another request.
   */
  divert(receiver: Receiver): void {
    this.#receiver = receiver
    this.release()
  }

  /** Goes on after a receiver said false. */
  release(): void {
    this.#held = false
    const receiver = this.#receiver
    while (receiver && !this.#held) {
      const next = this.#queue.shift()
      if (!next) break
      this.#deliver(receiver, next)
    }
    if (!this.#held && !this.socket.destroyed) this.#readOn()
  }

  #deliver(receiver: Receiver, view: Buffer): boolean {
    if (receiver(view)) return true
    this.#held = true
    return false
  }

  #readOn(): null {
    Socket.prototype.read.call(this.socket, 0)
    // What was taken on its way into the stream's queue has left the stream believing that it is still reading.
    if (this.#feed === 'pushed') this.socket._read(0)
    return null
  }

  // Past the stream's queue: a socket on top of another one (TLS in a tunnel) cannot read into a given buffer.
  #takeReads(): void {
    const {socket} = this
    const push = socket.push
    socket.push = (chunk: Buffer | null) =>
      chunk === null ? push.call(socket, null) : this.fill(chunk.length, chunk)
  }

  // The parser calls read() only when it is ready for bytes, which is what ends a hold. Node itself calls read(0) at the
  // end of the stream, which must not overtake what is queued.
  #read(size: number | undefined): Buffer | null {
    if (size === 0 || this.#receiver) return this.#held || this.#queue.length > 0 ? null : this.#readOn()
    this.#held = false
    const next = this.#offered ?? this.#queue.shift()
    this.#offered = undefined
    return next ?? this.#readOn()
  }

  #unshift(chunk: Buffer): void {
    this.#held = true
    if (chunk.length > 0) this.#queue.unshift(this.#keep(chunk))
  }

  // The shared buffer belongs to the next fill of any connection. What follows a head is often a whole short body: it is
  // kept in a buffer that is used again and again.
  #keep(view: Buffer): Buffer {
    if (view.buffer !== this.#shared) return view
    if (this.#queue.length > 0 || view.length > keptSize) return Buffer.from(view)
    this.#kept ??= Buffer.allocUnsafeSlow(keptSize)
    view.copy(this.#kept)
    return this.#kept.subarray(0, view.length)
  }

  /** Bytes given to the socket that the system has not taken. */
  get unwritten(): number {
    const {_handle: handle} = this.socket as Socket & {readonly _handle?: {readonly writeQueueSize?: number}}
    return handle?.writeQueueSize ?? 0
  }

  #announce(): Outgoing | undefined {
    const notify = this.#observer.onRequest
    this.#observer.onRequest = undefined
    this.requests += 1
    this.ends ??= endsOf(this.socket, this.timings)
    this.awaitsHead = true
    this.#isHeadFresh = true
    this.#interim.begin()
    return notify?.(this)
  }

  #beginBody(): void {
    this.#writer = undefined
    const {body, onHead} = this.#announce() ?? {}
    if (!body || !onHead) return
    if (!this.#survives) survivesFailedWrites(this.socket)
    this.#survives = true
    this.#writer = new BodyWriter(body, {socket: this.socket, write: this.#write, onHead})
  }

  #isWithoutFlood(): boolean {
    if (!this.#interim.isFlooded) return true
    this.socket.destroy(new TransferError('REPLY_MALFORMED', 'The server sends interim answers without end'))
    return false
  }
}

// An interim answer may be followed by the beginning of the next head.
function holdsWholeHead(view: Buffer): boolean {
  const firstDigitOfStatus = 9
  return view[firstDigitOfStatus] !== 0x31 && view.includes('\r\n\r\n')
}
