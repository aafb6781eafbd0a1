import type {Socket} from 'node:net'
import {connect} from 'node:net'
import {once} from 'node:events'
import {Inbox} from '../origin/inbox.ts'

/** An answer, interim or final. */
export interface RawAnswer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
}

type Fields = Readonly<Record<string, string>>

/** One connection to a server, and a client that says exactly what the test says. */
export class RawUploadClient {
  readonly #socket: Socket
  readonly #inbox: Inbox

  constructor(socket: Socket) {
    this.#socket = socket
    this.#inbox = new Inbox(socket)
  }

  static async open(port: number): Promise<RawUploadClient> {
    const socket = connect(port, '127.0.0.1')
    // How a connection ends is what next() tells.
    socket.on('error', () => {})
    await once(socket, 'connect')
    return new RawUploadClient(socket)
  }

  /** A head, and the content that goes with it at once; Content-Length is of the content unless the fields frame it. */
  send(requestLine: string, fields: Fields = {}, content = ''): void {
    const framing = 'transfer-encoding' in fields ? {} : {'content-length': String(content.length)}
    const all = {host: 'localhost', ...framing, ...fields}
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    this.write(`${requestLine} HTTP/1.1\r\n${lines.join('')}\r\n${content}`)
  }

  write(bytes: string): void {
    this.#socket.write(bytes)
  }

  /** The next answer; undefined when the connection has ended instead. `to` is the method that is answered. */
  async next(to = 'PUT'): Promise<RawAnswer | undefined> {
    const head = await this.#inbox.head()
    if (!head) return undefined
    const [statusLine = '', ...lines] = head.toString('latin1').trimEnd().split('\r\n')
    const fields = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
    )
    const status = Number(statusLine.split(' ')[1])
    const hasBody = status >= 200 && status !== 204 && to !== 'HEAD'
    return {status, fields, body: hasBody ? await this.#body(Number(fields['content-length'] ?? 0)) : ''}
  }

  /** The next answer that is not an interim one. */
  async final(to = 'PUT'): Promise<RawAnswer | undefined> {
    for (;;) {
      const answer = await this.next(to)
      if (!answer || answer.status >= 200) return answer
    }
  }

  /** Goes away in the middle of whatever it was. */
  drop(): void {
    this.#socket.destroy()
  }

  async #body(length: number): Promise<string> {
    let body = ''
    while (body.length < length) {
      const piece = await this.#inbox.some(length - body.length)
      if (!piece) break
      body += piece.toString('latin1')
    }
    return body
  }
}
