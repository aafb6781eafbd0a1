import {Socket} from 'node:net'

/** Takes bytes as they come from the wire; false holds further bytes back until the connection is released. */
export type Receiver = (view: Buffer) => boolean

export interface ConnectionTimings {
  readonly start: number
  lookup: number | undefined
  connect: number | undefined
  secure: number | undefined
}

/** What the exchanges of a session learn from their connections. */
export interface ConnectionObserver {
  /** The connection whose bytes are being parsed at this instant. */
  reading: Connection | undefined
  /** Told which connection a request goes out on, while it is written. */
  onRequestWritten: ((connection: Connection) => void) | undefined
}

/**
 * One socket that fills a buffer shared by all connections of a session. The HTTP parser gets views of that buffer
 * through read(), so nothing is allocated per read; whoever is given a view uses it before returning. What the parser
 * hands back (unshift, when paused) is copied and the socket stops reading until the parser asks again.
 */
export class Connection {
  readonly socket: Socket
  readonly timings: ConnectionTimings = {
    start: Date.now(),
    lookup: undefined,
    connect: undefined,
    secure: undefined
  }
  /** Requests written so far; more than one means the connection was reused. */
  requests = 0
  /** Bytes received; deadlines watch it. */
  bytesRead = 0
  /** The error that ended the connection, if one did: a reset must never look like a normal end. */
  failure: Error | undefined
  #pending: Buffer | undefined
  #held = false
  #receiver: Receiver | undefined
  readonly #observer: ConnectionObserver

  constructor(socket: Socket, observer: ConnectionObserver) {
    this.socket = socket
    this.#observer = observer
    const write = socket.write
    socket.read = size => this.#read(size)
    socket.unshift = chunk => this.#unshift(chunk as Buffer)
    socket.write = ((...values: Parameters<Socket['write']>) => {
      this.#noteRequest()
      return write.apply(socket, values)
    }) as Socket['write']
    socket.on('error', error => {
      this.failure ??= error
    })
  }

  /** The onread callback: true to go on reading. */
  fill(length: number, buffer: Uint8Array): boolean {
    this.bytesRead += length
    const view = buffer.subarray(0, length) as Buffer
    if (this.#receiver) return this.#deliver(this.#receiver, view)
    this.#pending = view
    this.socket.emit('readable')
    // Whoever stopped in the middle keeps a copy: the buffer belongs to the next fill of any connection.
    if (this.#pending) this.#pending = Buffer.from(this.#pending)
    return !this.#held && this.#pending === undefined
  }

  /**
   * Takes the connection away from the parser: every further byte goes to the receiver. Only for a parser that is paused
   * inside a body of known length; afterwards the connection cannot serve another request.
   */
  divert(receiver: Receiver): void {
    this.#receiver = receiver
    this.#held = false
    const pending = this.#pending
    this.#pending = undefined
    if (pending && !this.#deliver(receiver, pending)) return
    this.release()
  }

  /** Goes on reading after a receiver said false. */
  release(): void {
    this.#held = false
    if (!this.socket.destroyed) Socket.prototype.read.call(this.socket, 0)
  }

  #deliver(receiver: Receiver, view: Buffer): boolean {
    if (receiver(view)) return true
    this.#held = true
    return false
  }

  // The parser calls read() only when it is ready for bytes, which is what ends a hold.
  #read(size: number | undefined): Buffer | null {
    if (this.#receiver) return size === 0 ? Socket.prototype.read.call(this.socket, 0) : null
    this.#observer.reading = this
    const pending = this.#pending
    this.#held = false
    if (pending) {
      this.#pending = undefined
      return pending
    }
    return Socket.prototype.read.call(this.socket, 0)
  }

  #unshift(chunk: Buffer): void {
    this.#held = true
    this.#pending = chunk.length > 0 ? Buffer.from(chunk) : undefined
  }

  #noteRequest(): void {
    const notify = this.#observer.onRequestWritten
    if (!notify) return
    this.#observer.onRequestWritten = undefined
    this.requests += 1
    notify(this)
  }
}
