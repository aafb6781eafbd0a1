import type {Socket} from 'node:net'
import {setImmediate, setTimeout} from 'node:timers/promises'

const TICK = 20
// A reset throws away what still waits in the sender's kernel; on loopback it is gone well within this time.
const SETTLE = 50

/** How bytes go out: as they come, in random small writes, or at a steady pace. */
export interface Flow {
  /** Returns the size of the next write; Infinity: whole writes. */
  readonly split: () => number
  /** Bytes a second; undefined: as fast as the client reads. */
  limit?: number | undefined
}

function* pieces(bytes: Buffer, size: () => number): Generator<Buffer> {
  let position = 0
  while (position < bytes.length) {
    const next = position + Math.max(1, size())
    yield bytes.subarray(position, next)
    position = next
  }
}

/** The sending half of a connection, with the ways to break it. */
export class Wire {
  readonly socket: Socket
  /** The TCP socket below TLS; the same socket without TLS. */
  readonly #transport: Socket
  readonly flow: Flow

  constructor(socket: Socket, transport: Socket, flow: Flow) {
    this.socket = socket
    this.#transport = transport
    this.flow = flow
  }

  /** Sends in the flow's manner and resolves when the bytes have left the process; at once when the connection is gone. */
  async send(bytes: Buffer): Promise<void> {
    if (this.flow.limit !== undefined) return this.#pace(bytes, this.flow.limit)
    for (const piece of pieces(bytes, this.flow.split)) {
      if (!this.socket.writable) return
      await this.#write(piece)
      await setImmediate()
    }
  }

  /** Sends `size` bytes at a time with `everyMs` between. */
  async drip(bytes: Buffer, size: number, everyMs: number): Promise<void> {
    for (const piece of pieces(bytes, () => size)) {
      if (!this.socket.writable) return
      await this.#write(piece)
      await setTimeout(everyMs, undefined, {ref: false})
    }
  }

  /** The orderly end: close_notify where there is TLS, then FIN. */
  fin(): void {
    this.socket.end()
  }

  /** Sends RST once what was written has left. */
  async reset(): Promise<void> {
    await setTimeout(SETTLE)
    this.#transport.resetAndDestroy()
  }

  /** FIN without the close_notify of TLS: an end that a man in the middle could forge. Without TLS a plain FIN. */
  async cut(): Promise<void> {
    await setTimeout(SETTLE)
    this.#transport.destroy()
  }

  #write(bytes: Buffer): Promise<void> {
    if (!this.socket.writable) return Promise.resolve()
    return new Promise(resolve => {
      // A connection that dies is what many tests ask for; the callback's error says nothing new.
      this.socket.write(bytes, () => resolve())
    })
  }

  async #pace(bytes: Buffer, limit: number): Promise<void> {
    const started = performance.now()
    const size = Math.max(1, Math.ceil((limit * TICK) / 1000))
    let sent = 0
    for (const piece of pieces(bytes, () => size)) {
      if (!this.socket.writable) return
      await this.#write(piece)
      sent += piece.length
      const due = started + (sent / limit) * 1000
      await setTimeout(Math.max(0, due - performance.now()), undefined, {ref: false})
    }
  }
}
