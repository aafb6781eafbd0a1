import type {Socket} from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/** The bytes that a client has sent and nobody has taken yet. */
export class Inbox {
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => {}
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', this.#receive)
    for (const event of ['end', 'close', 'error']) socket.on(event, this.#finish)
  }

  /** Everything up to and with the empty line; undefined when the client ended before it. */
  head(): Promise<Buffer | undefined> {
    return this.#upTo(HEAD_END)
  }

  line(): Promise<Buffer | undefined> {
    return this.#upTo(LINE_END)
  }

  /** At least one byte and at most `most`; undefined when the client has ended. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#bytes.length === 0) {
      if (this.#ended) return undefined
      await this.#more()
    }
    return this.#take(Math.min(most, this.#bytes.length))
  }

  /** Hands over the socket and what was read from it: for tunnels and other protocols. */
  release(): Buffer {
    this.#socket.off('data', this.#receive)
    return this.#take(this.#bytes.length)
  }

  async #upTo(mark: Buffer): Promise<Buffer | undefined> {
    for (;;) {
      const found = this.#bytes.indexOf(mark)
      if (found >= 0) return this.#take(found + mark.length)
      if (this.#ended) return undefined
      await this.#more()
    }
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }

  #more(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    this.#wake()
  }

  readonly #finish = (): void => {
    this.#ended = true
    this.#wake()
  }
}
