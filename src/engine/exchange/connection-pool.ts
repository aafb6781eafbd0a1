import {Agent} from 'undici'
import type {Readable} from 'node:stream'
import type {Dispatcher} from 'undici'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {hasHeader} from '../url-request.ts'
import type {URLRequest} from '../url-request.ts'
import type {ConnectionObserver} from './connection.ts'
import {Connector} from './connector.ts'
import type {OutgoingBody} from './outgoing-body.ts'
import type {Way} from './proxy/choose-proxy.ts'
import {nameOf} from './proxy/proxy-address.ts'
import type {Authorization, ProxyAuthenticator} from './proxy/proxy-authenticator.ts'

const maxHeaderSize = 100 * 1024

/** What the connections of a pool have in common, and no connection of another pool has. */
export interface PoolOptions {
  readonly keys: ConfigurationKeys
  readonly way: Way
  readonly version: 'http/1.1' | 'h2'
  readonly authenticator: ProxyAuthenticator | undefined
  readonly trusted: string | undefined
  /** At one time, to one host. */
  readonly connections: number
  readonly observer: ConnectionObserver
  readonly buffer: () => Buffer
}

/** What goes with one request. */
export interface Dispatched {
  readonly handler: Dispatcher.DispatchHandler
  /** Absent where there is none, or one of no bytes. */
  readonly body: OutgoingBody | undefined
}

/** Connections that any request with the same keys, proxy and needs may use. */
export class ConnectionPool {
  readonly way: Way
  readonly version: 'http/1.1' | 'h2'
  readonly authenticator: ProxyAuthenticator | undefined
  readonly #connector: Connector
  readonly #agent: Agent

  constructor(options: PoolOptions) {
    const {way, version, authenticator, connections} = options
    this.way = way
    this.version = version
    this.authenticator = authenticator
    this.#connector = new Connector(options)
    const http2 = {allowH2: true, initialWindowSize: 16 << 20, connectionWindowSize: 64 << 20}
    this.#agent = new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: 15_000,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize,
      // Exchange watches the clock itself: these would restart with every interim answer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.#connector.connect,
      ...(version === 'h2' ? http2 : {allowH2: false})
    })
  }

  /** Sends the request, with this body; what was said of us to a proxy that reads it is returned. */
  dispatch(request: URLRequest, {body, handler}: Dispatched): Authorization | undefined {
    const {url, method} = request
    const headers = request.headers.flat()
    if (body?.length !== undefined) headers.push('Content-Length', String(body.length))
    const common = {method, headers, reset: false, ...(body && {body: iterated(body)})}
    if (this.way.kind !== 'forward') {
      this.#agent.dispatch({...common, origin: url.origin, path: url.pathname + url.search}, handler)
      return undefined
    }
    const {proxy} = this.way
    const path = url.origin + url.pathname + url.search
    const authorization = this.authenticator?.next({method, uri: path})
    if (authorization) headers.push('Proxy-Authorization', authorization.value)
    if (!hasHeader(request.headers, 'host')) headers.push('Host', url.host)
    const origin = `${proxy.kind}://${nameOf(proxy)}`
    this.#agent.dispatch({...common, origin, path}, handler)
    return authorization
  }

  /** No more requests; resolves when those under way have ended on their connections. */
  async retire(): Promise<void> {
    await this.#agent.close().catch(() => {})
  }

  /** Hangs up on everybody. */
  async close(): Promise<void> {
    this.#connector.close()
    await this.#agent.destroy()
  }
}

// undici takes everything that can be iterated; its types know streams only.
function iterated(body: OutgoingBody): Readable {
  return body as unknown as Readable
}
