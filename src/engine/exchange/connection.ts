import {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'

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
  /** Told which connection a request goes out on, while it is written, and how many bytes its head has. */
  onRequestWritten: ((connection: Connection, headSize: number) => void) | undefined
}

/** Both ends of a connection, and how what goes over it is protected. */
export interface Ends {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** As in TLSv1.3. */
  readonly tlsVersion: string | undefined
  /** By its name in the TLS registry. */
  readonly tlsCipher: string | undefined
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

  constructor(socket: Socket, {observer, timings, isProxyConnection, feed}: Descent) {
    this.socket = socket
    this.timings = timings
    this.isProxyConnection = isProxyConnection
    this.#observer = observer
    this.#feed = feed
    if (feed === 'pushed') this.#takeReads()
    const write = socket.write
    socket.read = size => this.#read(size)
    socket.unshift = chunk => this.#unshift(chunk as Buffer)
    socket.write = ((...values: Parameters<Socket['write']>) => {
      this.#noteRequest(values[0])
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

  #noteRequest(head: string | Uint8Array): void {
    const notify = this.#observer.onRequestWritten
    if (!notify) return
    this.#observer.onRequestWritten = undefined
    this.requests += 1
    this.ends ??= endsOf(this.socket, this.timings)
    this.awaitsHead = true
    this.#isHeadFresh = true
    // Heads are written in Latin-1.
    notify(this, head.length)
  }
}

function endsOf(socket: Socket, {secure}: ConnectionTimings): Ends {
  const {remoteAddress, remotePort, localAddress, localPort} = socket
  const tls = secure === undefined ? undefined : (socket as TLSSocket)
  return {
    remoteAddress,
    remotePort,
    localAddress,
    localPort,
    tlsVersion: tls?.getProtocol?.() ?? undefined,
    tlsCipher: tls?.getCipher?.().standardName
  }
}

// An interim answer may be followed by the beginning of the next head.
function holdsWholeHead(view: Buffer): boolean {
  const firstDigitOfStatus = 9
  return view[firstDigitOfStatus] !== 0x31 && view.includes('\r\n\r\n')
}
