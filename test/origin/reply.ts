import type {Socket} from 'node:net'
import {STATUS_CODES} from 'node:http'
import {setTimeout} from 'node:timers/promises'
import type {Inbox} from './inbox.ts'
import type {OriginRequest} from './request.ts'
import type {Wire} from './wire.ts'

/** Fields in the order of sending; an array of pairs can repeat a name. */
export type Fields = Readonly<Record<string, string | undefined>> | readonly (readonly [string, string])[]

/** The bytes of a head, with nothing added and nothing checked. */
export function formatHead(status: number, fields: Fields): Buffer {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
  const lines = pairs
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`,
    'latin1'
  )
}

/**
 * The answer to one request. Calls keep their order, awaited or not. An answer that is neither ended nor broken
 * stays open for as long as the client waits, and so does the connection.
 */
export class Reply {
  readonly request: OriginRequest
  readonly finished: Promise<'next' | 'over'>
  #framing: 'none' | 'length' | 'chunked' | 'close' = 'close'
  #last: Promise<unknown> = Promise.resolve()
  #finish: (next: 'next' | 'over') => void = () => {}
  readonly #wire: Wire
  readonly #inbox: Inbox

  constructor(request: OriginRequest, wire: Wire, inbox: Inbox) {
    this.request = request
    this.#wire = wire
    this.#inbox = inbox
    this.finished = new Promise(resolve => {
      this.#finish = resolve
    })
    const closed = (): void => this.#finish('over')
    wire.socket.once('close', closed)
    // One connection can carry thousands of replies; each takes its listener with it.
    void this.finished.then(() => wire.socket.off('close', closed))
  }

  /** Bytes a second from here on, to the end of the connection; undefined lifts the limit. */
  limit(bytesPerSecond: number | undefined): void {
    this.#wire.flow.limit = bytesPerSecond
  }

  /** An interim answer, such as 100 or 103. */
  informational(status: number, fields: Fields = {}): Promise<void> {
    return this.raw(formatHead(status, fields))
  }

  /** Sends the head; its fields decide how `write` frames the body and how `end` ends it. */
  head(status: number, fields: Fields = {}): Promise<void> {
    const head = formatHead(status, fields)
    this.framedBy(head.toString('latin1'))
    return this.raw(head)
  }

  /** Takes over the framing that a head sent with `raw` or `drip` announces. */
  framedBy(head: string): void {
    const status = Number(head.split(' ')[1])
    if (this.request.method === 'HEAD' || status === 204 || status === 304) this.#framing = 'none'
    else if (/^transfer-encoding: *chunked/im.test(head)) this.#framing = 'chunked'
    else if (/^content-length:/im.test(head)) this.#framing = 'length'
    else this.#framing = 'close'
  }

  /** A whole answer with Content-Length. */
  async respond(status: number, fields: Fields = {}, body: Buffer | string = ''): Promise<void> {
    const bytes = Buffer.from(body)
    const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
    await this.head(status, [...pairs, ['content-length', String(bytes.length)]])
    if (this.#framing !== 'none') await this.write(bytes)
    await this.end()
  }

  /** Bytes of the body, as a chunk if the head said so. */
  write(bytes: Buffer | string): Promise<void> {
    const body = Buffer.from(bytes)
    if (this.#framing !== 'chunked' || body.length === 0) return this.raw(body)
    const size = Buffer.from(`${body.length.toString(16)}\r\n`)
    return this.raw(Buffer.concat([size, body, Buffer.from('\r\n')]))
  }

  /** Bytes as they are. */
  raw(bytes: Buffer | string): Promise<void> {
    return this.#queue(() => this.#wire.send(Buffer.from(bytes)))
  }

  /** Raw bytes, `size` at a time (1 unless told), `everyMs` apart. */
  drip(bytes: Buffer | string, everyMs: number, size = 1): Promise<void> {
    return this.#queue(() => this.#wire.drip(Buffer.from(bytes), size, everyMs))
  }

  /** Bytes of the body, framed `size` at a time, `everyMs` apart. */
  async dripBody(bytes: Buffer, everyMs: number, size: number): Promise<void> {
    for (let position = 0; position < bytes.length && this.isOpen(); position += size) {
      await this.write(bytes.subarray(position, position + size))
      await setTimeout(everyMs, undefined, {ref: false})
    }
  }

  /** False once the connection cannot carry another byte to the client. */
  isOpen(): boolean {
    return this.#wire.socket.writable
  }

  /** Everything called after this waits until the promise is settled. */
  waitFor(gate: Promise<unknown>): Promise<void> {
    return this.#queue(async () => {
      await Promise.allSettled([gate])
    })
  }

  /** The regular end; the connection serves its next request, unless one side wanted it closed. */
  end(): Promise<void> {
    return this.#queue(async () => {
      if (this.#framing === 'chunked') await this.#wire.send(Buffer.from('0\r\n\r\n'))
      const closing = this.#framing === 'close' || /close/i.test(this.request.header('connection') ?? '')
      if (closing) this.#wire.fin()
      this.#finish(closing ? 'over' : 'next')
    })
  }

  /** Ends the connection in order (FIN), wherever the answer stands. */
  fin(): Promise<void> {
    return this.#over(async () => this.#wire.fin())
  }

  /** Breaks the connection with RST. */
  reset(): Promise<void> {
    return this.#over(() => this.#wire.reset())
  }

  /** FIN without the close_notify of TLS. */
  cut(): Promise<void> {
    return this.#over(() => this.#wire.cut())
  }

  /** Sends nothing any more and keeps the connection open. */
  stall(): Promise<void> {
    return this.#queue(() => new Promise(() => {}))
  }

  /** Gives the connection away, with the bytes already read from it: for CONNECT and upgrades. */
  takeOver(): {socket: Socket; early: Buffer} {
    return {socket: this.#wire.socket, early: this.#inbox.release()}
  }

  #over(end: () => Promise<void>): Promise<void> {
    return this.#queue(async () => {
      await end()
      this.#finish('over')
    })
  }

  #queue(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done
    return done
  }
}
