import type {Socket} from 'node:net'
import type {OutgoingBody} from './outgoing-body.ts'

const expectation = 'Expect: 100-continue\r\n'
const emptyLine = '\r\n'

type Write = Socket['write']

/**
 * Writes one request with a body to a socket as undici gives it: the head in one string, then pieces, and before each of
 * them its size where there is no length. undici knows nothing of Expect (RFC 9110, 10.1.1), so the head is told here,
 * and what follows it is held back.
 */
export class BodyWriter {
  readonly body: OutgoingBody
  readonly #socket: Socket
  readonly #write: Write
  readonly #onHead: (size: number) => void
  #hasHead = false
  #held: Parameters<Write>[] | undefined

  constructor(
    body: OutgoingBody,
    {socket, write, onHead}: {socket: Socket; write: Write; onHead: (size: number) => void}
  ) {
    this.body = body
    this.#socket = socket
    this.#write = write
    this.#onHead = onHead
  }

  /** Is this the head of the next request, one of a request without a body? */
  isOver(data: string | Uint8Array): boolean {
    return this.#hasHead && typeof data === 'string' && !data.startsWith(emptyLine)
  }

  /** As socket.write(): false asks to wait for drain. */
  write(values: Parameters<Write>): boolean {
    if (!this.#hasHead) return this.#writeHead(String(values[0]))
    if (!this.#held) return this.#write.apply(this.#socket, values)
    this.#held.push(values)
    return false
  }

  #writeHead(head: string): boolean {
    this.#hasHead = true
    this.#onHead(head.length)
    const isChunked = head.endsWith('chunked\r\n')
    // A body that turned out to be empty needs no permission.
    const isEmpty = !isChunked && (this.body.state === 'whole' || this.body.length === 0)
    if (!this.body.mayAsk || isEmpty) return this.#write.call(this.#socket, head, 'latin1')
    this.#held = []
    this.body.holdBack(() => this.#release(isChunked))
    const begun = isChunked ? head : head.slice(0, -emptyLine.length)
    return this.#write.call(this.#socket, `${begun}${expectation}${emptyLine}`, 'latin1')
  }

  // In chunks, the empty line after the head belongs to the first size, and was written already.
  #release(isChunked: boolean): void {
    const held = this.#held ?? []
    this.#held = undefined
    const [size] = held
    if (isChunked && typeof size?.[0] === 'string') size[0] = size[0].slice(emptyLine.length)
    this.#socket.cork()
    for (const values of held) this.#write.apply(this.#socket, values)
    this.#socket.uncork()
    if (!this.#socket.writableNeedDrain) this.#socket.emit('drain')
  }
}
