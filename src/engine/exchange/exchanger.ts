import {Agent} from 'undici'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {URLRequest} from '../url-request.ts'
import type {ConnectionObserver} from './connection.ts'
import {Connector} from './connector.ts'
import {Deadlines} from './deadlines.ts'
import {Exchange} from './exchange.ts'
import {http2Connector} from './http2-connector.ts'
import {translateError} from './translate-error.ts'

const maxHeaderSize = 100 * 1024

/** The network of one session: its connections, their limits and their clock. */
export class Exchanger {
  readonly observer: ConnectionObserver = {onRequestWritten: undefined}
  readonly deadlines: Deadlines
  readonly #keys: ConfigurationKeys
  #agent: Agent | undefined
  /** Those of agents that were given up too, while these still end what they began. */
  readonly #connectors = new Set<Connector>()

  constructor(keys: ConfigurationKeys) {
    this.#keys = keys
    const {lowSpeed, lowSpeedTime} = keys.limits
    this.deadlines = new Deadlines({
      idle: keys.timeouts.idle * 1000,
      lowSpeed: lowSpeed ? {rate: lowSpeed, time: lowSpeedTime * 1000} : undefined
    })
  }

  /** Sends the request; what comes of it is the exchange's to tell. */
  open(request: URLRequest, _keys: ConfigurationKeys): Exchange {
    const exchange = new Exchange(this, request)
    const {url} = request
    try {
      this.#dispatcher().dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers: request.headers.flat(),
          reset: false
        },
        exchange
      )
    } catch (error) {
      exchange.abort(translateError(error, {request, phase: 'connecting'}))
    }
    return exchange
  }

  /** Requests from now on go over connections of their own; exchanges under way end on theirs (R61). */
  renew(): void {
    const connectors = [...this.#connectors]
    void this.#agent?.close().then(() => {
      for (const connector of connectors) {
        connector.close()
        this.#connectors.delete(connector)
      }
    })
    this.#agent = undefined
  }

  /** Hangs up on everybody. */
  async close(): Promise<void> {
    for (const connector of this.#connectors) connector.close()
    await this.#agent?.destroy()
    this.#agent = undefined
  }

  #dispatcher(): Agent {
    this.#agent ??= this.#makeAgent()
    return this.#agent
  }

  #makeAgent(): Agent {
    const {maxConnectionsPerHost, timeouts, network, tls} = this.#keys
    const limits = {
      connections: maxConnectionsPerHost,
      pipelining: 1,
      keepAliveTimeout: 15_000,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize,
      // Exchange watches the clock itself: these would restart with every interim answer.
      headersTimeout: 0,
      bodyTimeout: 0
    }
    if (network.http2) {
      return new Agent({
        ...limits,
        allowH2: true,
        initialWindowSize: 16 << 20,
        connectionWindowSize: 64 << 20,
        connect: http2Connector({timeouts, tls})
      })
    }
    const connector = new Connector(this.#keys, this.observer)
    this.#connectors.add(connector)
    return new Agent({...limits, allowH2: false, connect: connector.connect})
  }
}
