import type {AddressInfo, Socket} from 'node:net'
import {createServer} from 'node:net'
import type {Identity} from './certificates.ts'
import {serveConnection} from './connection.ts'
import type {Handler, Route} from './connection.ts'
import {watchRequest} from '../canary/canary.ts'
import {respond} from './handlers.ts'
import type {OriginRequest} from './request.ts'
import type {Resource} from './resource.ts'
import {seededRandom} from './seeded-bytes.ts'
import {serveResource} from './serve-resource.ts'
import {shakeHands} from './shake-hands.ts'

export interface OriginOptions {
  /** Seed of `split`. */
  readonly seed?: number
  /** The certificate to show; plain HTTP unless given. */
  readonly tls?: Identity
  /**
   * `requested`: asks for a client certificate; `required`: and drops the connection without one; `demanded`: and says why,
   * in TLS. Whether it is trusted is not looked at.
   */
  readonly clientCertificate?: 'requested' | 'required' | 'demanded'
  readonly host?: '127.0.0.1' | '::1'
  readonly port?: number
  /** `counted`: bodies of requests are measured and dropped. */
  readonly bodies?: 'kept' | 'counted'
}

/** What a new connection meets: service, RST, FIN, or silence (no handshake, no answer). */
export type Welcome = 'serve' | 'reset' | 'close' | 'stall'

const notFound: Route = {handle: respond(404, {}, 'nothing is served here'), when: 'body'}

/** A loopback server that does exactly what the test says, byte by byte. */
export class Origin {
  /** Every request whose head was complete, in the order of arrival. */
  readonly requests: OriginRequest[] = []
  /** Errors thrown by handlers. */
  readonly failures: unknown[] = []
  /** Connections accepted so far. */
  connections = 0
  /** The most connections that were open at one time. */
  peakConnections = 0
  welcome: Welcome = 'serve'
  /** Cuts everything sent into writes of 1 to so many bytes, by the seed; 0 sends whole writes. */
  split = 0
  readonly #options: OriginOptions
  readonly #random: () => number
  readonly #routes = new Map<string, Route>()
  readonly #open = new Set<Socket>()
  readonly #waiting: {holds: () => boolean; resolve: () => void}[] = []
  readonly #server = createServer({noDelay: true}, socket => void this.#accept(socket))

  constructor(options: OriginOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed ?? 1)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get openConnections(): number {
    return this.#open.size
  }

  /** The address of a path here; `host` for another name of this machine, such as `localhost`. */
  url(path: string, host?: string): string {
    const own = this.#options.host === '::1' ? '[::1]' : '127.0.0.1'
    return `${this.#options.tls ? 'https' : 'http'}://${host ?? own}:${this.port}${path}`
  }

  /** Serves a resource at a path (or at a whole target with its query), in the place of what was there. */
  serve(path: string, resource: Resource): void {
    let answered = 0
    this.on(path, (_request, reply) => {
      const fault = resource.faults?.[answered++] ?? resource.fault ?? {}
      return serveResource(resource, reply, fault)
    })
  }

  /** From the next request on, the path has this representation. Counting of faults starts anew. */
  change(path: string, resource: Resource): void {
    this.serve(path, resource)
  }

  /**
   * Calls a handler for each request of a path. `*` answers whatever nothing else does; `CONNECT` every tunnel.
   * With `head`, it is called before the body has come, and 100 (Continue) is its own affair.
   */
  on(path: string, handle: Handler, when: Route['when'] = 'body'): void {
    this.#routes.set(path, {handle, when})
  }

  /** One handler for each request, in order; the last one repeats. */
  script(path: string, handlers: readonly Handler[], when: Route['when'] = 'body'): void {
    let answered = 0
    this.on(
      path,
      (request, reply) => {
        const handle = handlers[Math.min(answered++, handlers.length - 1)]
        return handle?.(request, reply)
      },
      when
    )
  }

  /** The requests of one path. */
  requestsOf(path: string): OriginRequest[] {
    return this.requests.filter(request => request.path === path)
  }

  /** Resolves when so many requests (of this path, if given) have arrived. */
  untilRequests(count: number, path?: string): Promise<void> {
    return this.#until(() => (path === undefined ? this.requests : this.requestsOf(path)).length >= count)
  }

  /** Resolves when no connection is open. */
  untilIdle(): Promise<void> {
    return this.#until(() => this.#open.size === 0)
  }

  listen(): Promise<void> {
    const {host = '127.0.0.1', port = 0} = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve())
    })
  }

  /** Destroys all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => {
      this.#server.close(() => resolve())
    })
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #accept(transport: Socket): Promise<void> {
    const connection = ++this.connections
    this.#track(transport)
    if (this.welcome === 'reset') return void transport.resetAndDestroy()
    if (this.welcome === 'close') return void transport.end()
    if (this.welcome === 'stall') return
    const {tls, clientCertificate, bodies = 'kept'} = this.#options
    const secured = tls && (await shakeHands(transport, {identity: tls, clientCertificate}))
    if (tls && !secured) return
    const socket = secured?.socket ?? transport
    const flow = {split: () => (this.split > 0 ? 1 + Math.floor(this.#random() * this.split) : Infinity)}
    await serveConnection({
      arrival: {connection, socket, handshake: secured?.handshake, bodies},
      transport,
      flow,
      accept: request => this.#record(request),
      report: error => this.failures.push(error)
    })
  }

  #track(transport: Socket): void {
    this.#open.add(transport)
    this.peakConnections = Math.max(this.peakConnections, this.#open.size)
    // Broken connections are the purpose of this server; whoever waits for bytes learns it from `close`.
    transport.on('error', () => {})
    transport.on('close', () => {
      this.#open.delete(transport)
      this.#tell()
    })
  }

  #record(request: OriginRequest): Route {
    this.requests.push(request)
    watchRequest(request.rawHead, this)
    this.#tell()
    const found =
      this.#routes.get(request.target) ?? this.#routes.get(request.path) ?? this.#routes.get(request.method)
    return found ?? this.#routes.get('*') ?? notFound
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push({holds, resolve})
      this.#tell()
    })
  }

  #tell(): void {
    for (const {holds, resolve} of this.#waiting) if (holds()) resolve()
  }
}

/** Starts an origin on a free port of the loopback interface. `await using` closes it with the block. */
export async function startOrigin(options: OriginOptions = {}): Promise<Origin> {
  const origin = new Origin(options)
  await origin.listen()
  return origin
}
