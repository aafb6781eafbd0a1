// Takes bodies of requests and throws them away, so that uploads are measured and not a disk: node sink.ts FOLDER.
// Prints its port; how many bytes a request brought is written to FOLDER/NAME, the last part of its path.
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {basename, join} from 'node:path'

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node sink.ts FOLDER')
const endOfHead = '\r\n\r\n'

/** One request of a connection: its head, then its body. */
class Intake {
  readonly #socket: Socket
  #head = ''
  #name = ''
  #left = 0
  #length = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  take(length: number, bytes: Uint8Array): void {
    if (this.#left === 0) return this.#readHead(Buffer.from(bytes.buffer, bytes.byteOffset, length))
    this.#left -= length
    if (this.#left <= 0) this.#answer()
  }

  #readHead(bytes: Buffer): void {
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf(endOfHead)
    if (end < 0) return
    const [requestLine = '', ...fields] = this.#head.slice(0, end).split('\r\n')
    this.#name = basename(requestLine.split(' ')[1] ?? '')
    const valueOf = (name: string): string | undefined =>
      fields.find(field => field.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1)
    this.#length = Number(valueOf('content-length') ?? 0)
    this.#left = this.#length - (this.#head.length - end - endOfHead.length)
    this.#head = ''
    if (valueOf('expect') !== undefined) this.#socket.write(`HTTP/1.1 100 Continue${endOfHead}`)
    if (this.#left <= 0) this.#answer()
  }

  #answer(): void {
    if (this.#name !== '' && this.#length > 0)
      writeFileSync(join(folder ?? '', this.#name), `${this.#length}`)
    this.#left = 0
    this.#socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 0${endOfHead}`)
  }
}

const server = createServer(socket => {
  const intake = new Intake(socket)
  socket.on('data', (bytes: Buffer) => intake.take(bytes.length, bytes))
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
