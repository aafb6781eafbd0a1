import type {Socket} from 'node:net'
import {TransferError} from '../../transfer-error.ts'
import {ConnectError} from '../connect-error.ts'

// As much as an origin's head may have: a proxy that goes on is hung up on (CVE-2023-38039).
const longestHead = 100 * 1024

/** What is said to a proxy, and heard from it, before the connection is a tunnel. */
export class Parley {
  /** host:port of the proxy. */
  readonly proxy: string
  readonly #socket: Socket
  #heard: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}

  constructor(socket: Socket, proxy: string) {
    this.#socket = socket
    this.proxy = proxy
    socket.on('readable', this.#hear)
    socket.on('end', this.#hear)
    socket.on('close', this.#hear)
  }

  say(words: Buffer | string): void {
    this.#socket.write(words)
  }

  /** The next so many bytes. */
  async take(length: number): Promise<Buffer> {
    while (this.#heard.length < length) await this.#more()
    return this.#cut(length)
  }

  /** The next head, up to and with its empty line. */
  async takeHead(): Promise<string> {
    let looked = 0
    for (;;) {
      const end = this.#heard.indexOf('\r\n\r\n', Math.max(0, looked - 3))
      if (end >= 0 && end <= longestHead) return this.#cut(end + 4).toString('latin1')
      looked = this.#heard.length
      if (looked > longestHead)
        throw new TransferError('HEADERS_TOO_LARGE', `The answer of the proxy ${this.proxy} has no end`)
      await this.#more()
    }
  }

  /** Lets go of the socket. Whoever spoke before being asked cannot be trusted with a tunnel. */
  end(): void {
    this.#socket.off('readable', this.#hear).off('end', this.#hear).off('close', this.#hear)
    if (this.#heard.length > 0) throw this.refusal('sent bytes that nobody had asked for')
  }

  /** An error that says what the proxy did. */
  refusal(what: string, hint?: string): TransferError {
    const options = hint === undefined ? {} : {hint}
    return new TransferError('PROXY_HANDSHAKE', `The proxy ${this.proxy} ${what}`, options)
  }

  readonly #hear = (): void => {
    for (let chunk: Buffer | null; (chunk = this.#socket.read() as Buffer | null);) {
      this.#heard = Buffer.concat([this.#heard, chunk])
    }
    this.#wake()
  }

  #cut(length: number): Buffer {
    const taken = this.#heard.subarray(0, length)
    this.#heard = this.#heard.subarray(length)
    return taken
  }

  async #more(): Promise<void> {
    const before = this.#heard.length
    this.#assertOpen()
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
    if (this.#heard.length === before) this.#assertOpen()
  }

  #assertOpen(): void {
    const {errored, destroyed, readableEnded} = this.#socket
    if (errored) throw new ConnectError('connect', errored, {proxy: this.proxy})
    if (destroyed || readableEnded) throw this.refusal('closed the connection before it had answered')
  }
}
