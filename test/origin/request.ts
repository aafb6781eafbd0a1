import type {Socket} from 'node:net'
import type {Inbox} from './inbox.ts'

/** What the TLS handshake of the connection settled. */
export interface Handshake {
  readonly serverName: string | undefined
  readonly protocol: string | null
  readonly applicationProtocol: string | undefined
  /** Common name of the client's certificate, when it sent one. */
  readonly clientName: string | undefined
  /** full: nothing of an earlier connection was taken up again. */
  readonly length: 'full' | 'abbreviated'
}

/** Where a request came in. */
export interface Arrival {
  /** Number of the connection, from 1, in the order of acceptance. */
  readonly connection: number
  readonly socket: Socket
  readonly handshake: Handshake | undefined
  /** `counted`: bodies are measured and dropped, for uploads that do not fit in memory. */
  readonly bodies: 'kept' | 'counted'
}

/** One request as it was sent. The body fills up while it arrives. */
export class OriginRequest {
  readonly method: string
  readonly target: string
  readonly protocol: string
  /** Lower-case names; repeated fields are joined with a comma and a space. */
  readonly headers: ReadonlyMap<string, string>
  readonly rawHead: string
  readonly connection: number
  readonly handshake: Handshake | undefined
  /** `performance.now()` when the head was complete. */
  readonly at = performance.now()
  bodyLength = 0
  /** Whether the body came to its announced end. */
  bodyState: 'arriving' | 'whole' | 'broken' = 'arriving'
  readonly #arrival: Arrival
  readonly #chunks: Buffer[] = []
  #waiting: readonly {length: number; resolve: () => void}[] = []

  constructor(rawHead: string, arrival: Arrival) {
    const [requestLine = '', ...lines] = rawHead.trimEnd().split('\r\n')
    const [method = '', target = '', protocol = ''] = requestLine.split(' ')
    this.method = method
    this.target = target
    this.protocol = protocol
    this.headers = parseFields(lines)
    this.rawHead = rawHead
    this.connection = arrival.connection
    this.handshake = arrival.handshake
    this.#arrival = arrival
  }

  /** The target without its query, whether it came in origin form or in absolute form. */
  get path(): string {
    return this.target.replace(/^https?:\/\/[^/]*/i, '').replace(/\?.*$/s, '')
  }

  /** The bytes of the body that have arrived; empty when bodies are only counted. */
  get body(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** The bytes of the body that came since this was called last; `body` does not have them any more. */
  takeBody(): Buffer {
    return Buffer.concat(this.#chunks.splice(0))
  }

  header(name: string): string | undefined {
    return this.headers.get(name.toLowerCase())
  }

  /** Stops reading from the client, so that its writes come to a halt. */
  pause(): void {
    this.#arrival.socket.pause()
  }

  resume(): void {
    this.#arrival.socket.resume()
  }

  /** Resolves when `length` bytes of the body have arrived, or the body has ended. */
  untilReceived(length: number): Promise<void> {
    return new Promise(resolve => {
      this.#waiting = [...this.#waiting, {length, resolve}]
      this.#tell()
    })
  }

  /** Takes the body from the connection: one reader only, the connection itself. */
  async receiveBody(inbox: Inbox): Promise<void> {
    const chunked = /chunked/i.test(this.header('transfer-encoding') ?? '')
    const received = chunked
      ? await this.#receiveChunks(inbox)
      : await this.#receive(inbox, Number(this.header('content-length') ?? 0))
    this.bodyState = received
    this.#tell()
  }

  async #receive(inbox: Inbox, length: number): Promise<'whole' | 'broken'> {
    let missing = length
    while (missing > 0) {
      const chunk = await inbox.some(missing)
      if (!chunk) return 'broken'
      missing -= chunk.length
      this.bodyLength += chunk.length
      if (this.#arrival.bodies === 'kept') this.#chunks.push(chunk)
      this.#tell()
    }
    return 'whole'
  }

  async #receiveChunks(inbox: Inbox): Promise<'whole' | 'broken'> {
    for (;;) {
      const size = Number.parseInt((await inbox.line())?.toString('latin1') ?? '', 16)
      if (Number.isNaN(size)) return 'broken'
      if (size > 0 && (await this.#receive(inbox, size)) === 'broken') return 'broken'
      // After the last chunk come trailer fields, up to an empty line (RFC 9112, 7.1.2).
      let line = await inbox.line()
      while (size === 0 && line && line.length > 2) line = await inbox.line()
      if (!line) return 'broken'
      if (size === 0) return 'whole'
    }
  }

  #tell(): void {
    const holds = ({length}: {length: number}): boolean =>
      this.bodyLength >= length || this.bodyState !== 'arriving'
    const served = this.#waiting.filter(holds)
    if (served.length === 0) return
    this.#waiting = this.#waiting.filter(each => !holds(each))
    for (const {resolve} of served) resolve()
  }
}

function parseFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return fields
}
