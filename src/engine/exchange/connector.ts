import net from 'node:net'
import type {Socket} from 'node:net'
import type {ConnectionOptions, TLSSocket} from 'node:tls'
import type {buildConnector} from 'undici'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {ConnectError} from './connect-error.ts'
import {Connection} from './connection.ts'
import type {ConnectionObserver} from './connection.ts'
import {addressOptions, bareHost, serverNameOf} from './dial.ts'
import type {Hop} from './dial.ts'
import {hearAlerts} from './hear-alerts.ts'
import {Opening} from './opening.ts'
import {certificateFault} from './pinning.ts'
import type {Way} from './proxy/choose-proxy.ts'
import {nameOf} from './proxy/proxy-address.ts'
import type {ProxyAuthenticator} from './proxy/proxy-authenticator.ts'
import {openTunnel} from './proxy/tunnel.ts'
import {SecureContexts} from './secure-context.ts'
import type {Counterpart, Trust} from './secure-context.ts'
import {steadyTime} from './steady-time.ts'

// What verification says when an authority is missing from the built-in list.
const issuerUnknown = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
])

/** What all connections of one pool have in common. */
export interface ConnectorOptions {
  readonly keys: Pick<ConfigurationKeys, 'timeouts' | 'tls' | 'network'>
  readonly way: Way
  /** The highest version of HTTP to offer. */
  readonly version: 'http/1.1' | 'h2'
  readonly authenticator: ProxyAuthenticator | undefined
  /** SHA-256 fingerprint of a certificate that is taken although nobody vouches for it. */
  readonly trusted: string | undefined
  readonly observer: ConnectionObserver
  /** Where sockets read into, one after the other: all pools of a session share it. */
  readonly buffer: () => Buffer
}

/**
 * Makes the sockets of a pool, directly or through its proxy. Those of HTTP/1.1 are Connections, which lend their bytes
 * to the parser. Connect time covers lookup, TCP, proxy and TLS together.
 */
export class Connector {
  readonly #options: ConnectorOptions
  readonly #tlsSessions = new Map<string, Buffer>()
  readonly #openings = new Set<Opening>()
  #contexts: SecureContexts | undefined

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  /** undici's connect function. */
  readonly connect = (options: buildConnector.Options, callback: buildConnector.Callback): void => {
    this.#open(hopTo(options), 'configured').then(
      socket => callback(null, socket),
      (error: Error) => callback(error, null)
    )
  }

  /** Gives up on connections that are still being made. */
  close(): void {
    for (const opening of this.#openings) opening.abort()
  }

  async #open(target: Hop, trust: Trust): Promise<Socket> {
    const {keys} = this.#options
    const opening = new Opening(keys.timeouts.connect * 1000)
    this.#openings.add(opening)
    try {
      return await this.#attempt(target, {opening, trust})
    } catch (error) {
      opening.abort()
      // Reading the system's authorities costs more than most transfers, so it happens only when they are needed.
      const missing = error instanceof ConnectError && issuerUnknown.has(error.cause.code ?? '')
      if (!missing || trust === 'system' || (keys.tls.ca && error.proxy === undefined)) throw error
    } finally {
      opening.settle()
      this.#openings.delete(opening)
    }
    return this.#open(target, 'system')
  }

  #attempt(target: Hop, attempt: Attempt): Promise<Socket> {
    const {kind, proxy} = this.#options.way
    switch (kind) {
      case 'direct':
        return this.#reach(target, {...attempt, counterpart: 'origin'})
      case 'forward':
        return this.#reach(hopToProxy(proxy), {...attempt, counterpart: 'proxy'})
      case 'tunnel':
        return this.#tunnel(target, attempt)
    }
  }

  /** A connection that reads into the shared buffer, unless it may turn out to be one of HTTP/2. */
  async #reach(hop: Hop, attempt: Reaching): Promise<Socket> {
    const {opening, counterpart} = attempt
    const isSecure = hop.protocol === 'https:'
    if (isSecure && counterpart === 'origin' && this.#options.version === 'h2') {
      const socket = await this.#secure(hop, {...attempt, below: this.#address(hop)})
      await this.#stand(socket, {...attempt, connection: undefined, security: 'tls'})
      return this.#negotiated(socket, opening)
    }
    let connection: Connection | undefined
    const callback = (length: number, filled: Uint8Array) => connection?.fill(length, filled) ?? false
    const address = {...this.#address(hop), onread: {buffer: this.#options.buffer(), callback}}
    const socket = isSecure ? await this.#secure(hop, {...attempt, below: address}) : net.connect(address)
    connection = this.#connection(socket, {opening, feed: 'filled'})
    await this.#stand(socket, {...attempt, connection, security: isSecure ? 'tls' : 'none'})
    return socket
  }

  async #tunnel(target: Hop, attempt: Attempt): Promise<Socket> {
    const {way, authenticator} = this.#options
    const {opening} = attempt
    if (way.kind !== 'tunnel') throw new TypeError('There is no proxy to tunnel through')
    const carrier = await this.#carrier(hopToProxy(way.proxy), attempt)
    await openTunnel(carrier, {target, proxy: way.proxy, authenticator})
    opening.timings.connect = steadyTime()
    if (target.protocol === 'http:') {
      this.#connection(carrier, {opening, feed: 'pushed'})
      return carrier
    }
    const inside = {...attempt, counterpart: 'origin', below: {socket: carrier}} as const
    const socket = await this.#secure(target, inside)
    if (this.#options.version === 'h2') {
      await this.#stand(socket, {...inside, connection: undefined, security: 'over'})
      return this.#negotiated(socket, opening)
    }
    const connection = this.#connection(socket, {opening, feed: 'pushed'})
    await this.#stand(socket, {...inside, connection, security: 'over'})
    return socket
  }

  async #carrier(hop: Hop, attempt: Attempt): Promise<Socket> {
    const below = this.#address(hop)
    const reaching = {...attempt, counterpart: 'proxy'} as const
    const isSecure = hop.protocol === 'https:'
    const socket = isSecure ? await this.#secure(hop, {...reaching, below}) : net.connect(below)
    await this.#stand(socket, {...reaching, connection: undefined, security: isSecure ? 'tls' : 'none'})
    return socket
  }

  async #secure(hop: Hop, {below, trust, counterpart}: Securing): Promise<TLSSocket> {
    const tls = await import('node:tls')
    const {keys, version, trusted} = this.#options
    this.#contexts ??= new SecureContexts(keys.tls, tls)
    const isOrigin = counterpart === 'origin'
    const name = `${counterpart} ${hop.host}:${hop.port}`
    const session = this.#tlsSessions.get(name)
    const socket = tls.connect({
      ...below,
      host: hop.host,
      servername: hop.serverName,
      secureContext: this.#contexts.of(trust, counterpart),
      ALPNProtocols: isOrigin && version === 'h2' ? ['h2', 'http/1.1'] : ['http/1.1'],
      rejectUnauthorized: !isOrigin || !(keys.tls.insecure || trusted !== undefined),
      ...(session ? {session} : {})
    })
    // A session that is taken up again shows no certificate, so nothing that could be held against pins.
    const isInspected = isOrigin && (keys.tls.pins.length > 0 || trusted !== undefined)
    if (!isInspected) socket.on('session', (fresh: Buffer) => this.#tlsSessions.set(name, fresh))
    return socket
  }

  async #stand(socket: Socket, {opening, counterpart, connection, security}: Standing): Promise<void> {
    const {way, keys, trusted} = this.#options
    opening.add(socket)
    if (security !== 'over') {
      socket.setNoDelay(true)
      socket.setKeepAlive(true, 60_000)
    }
    const isProxy = counterpart === 'proxy'
    await opening.stand(socket, {
      security,
      proxy: isProxy && way.proxy ? nameOf(way.proxy) : undefined,
      inspect: made => {
        const fault = isProxy ? undefined : certificateFault(made, {pins: keys.tls.pins, trusted})
        if (!fault) hearAlerts(made, () => (connection?.bytesRead ?? made.bytesRead) > 0)
        return fault
      }
    })
  }

  #negotiated(socket: TLSSocket, opening: Opening): Socket {
    if (socket.alpnProtocol !== 'h2') this.#connection(socket, {opening, feed: 'pushed'})
    return socket
  }

  #connection(socket: Socket, {opening, feed}: {opening: Opening; feed: 'filled' | 'pushed'}): Connection {
    const {observer, way} = this.#options
    const isProxyConnection = way.kind !== 'direct'
    return new Connection(socket, {observer, timings: opening.timings, isProxyConnection, feed})
  }

  #address(hop: Hop): net.TcpNetConnectOpts {
    return addressOptions(this.#options.keys.network, hop)
  }
}

interface Attempt {
  readonly opening: Opening
  readonly trust: Trust
}

interface Reaching extends Attempt {
  readonly counterpart: Counterpart
}

interface Securing extends Reaching {
  /** What the TLS goes over: an address to connect to, or a connection that stands. */
  readonly below: ConnectionOptions
}

interface Standing extends Reaching {
  readonly connection: Connection | undefined
  readonly security: 'none' | 'tls' | 'over'
}

function hopTo(options: buildConnector.Options): Hop {
  const protocol = options.protocol === 'https:' ? 'https:' : 'http:'
  return {
    host: bareHost(options.hostname),
    port: Number(options.port) || (protocol === 'https:' ? 443 : 80),
    protocol,
    // undici would take the name from a Host header, which says nothing of whom the connection is to.
    serverName: serverNameOf(options.hostname)
  }
}

function hopToProxy(proxy: {kind: string; host: string; port: number}): Hop {
  const protocol = proxy.kind === 'https' ? 'https:' : 'http:'
  return {host: proxy.host, port: proxy.port, protocol, serverName: serverNameOf(proxy.host)}
}
