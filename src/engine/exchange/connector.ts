import net from 'node:net'
import type {LookupFunction, Socket} from 'node:net'
import type {buildConnector} from 'undici'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {ConnectError} from './connect-error.ts'
import {Connection} from './connection.ts'
import type {ConnectionObserver} from './connection.ts'
import {hearAlerts} from './hear-alerts.ts'
import {pinMismatch} from './pinning.ts'
import {SecureContexts} from './secure-context.ts'
import type {Trust} from './secure-context.ts'
import {steadyTime} from './steady-time.ts'

// Large enough that a fast link needs few system calls, small enough to stay in the processor's cache.
const bufferSize = 512 * 1024
// A dead address family must not cost the user a second (fault row 16).
const attemptTimeout = 400
// What verification says when an authority is missing from the built-in list.
const issuerUnknown = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
])

export type ConnectorKeys = Pick<ConfigurationKeys, 'timeouts' | 'tls' | 'network'>

/**
 * Makes the sockets of a session (HTTP/1.1). All of them read into one buffer, which Connection lends to the parser.
 * Connect time covers lookup, TCP and TLS together.
 */
export class Connector {
  readonly #keys: ConnectorKeys
  readonly #observer: ConnectionObserver
  readonly #buffer = Buffer.allocUnsafeSlow(bufferSize)
  readonly #tlsSessions = new Map<string, Buffer>()
  readonly #contexts: SecureContexts
  readonly #opening = new Set<Socket>()

  constructor(keys: ConnectorKeys, observer: ConnectionObserver) {
    this.#keys = keys
    this.#contexts = new SecureContexts(keys.tls)
    this.#observer = observer
  }

  /** undici's connect function. */
  readonly connect = (options: buildConnector.Options, callback: buildConnector.Callback): void => {
    this.#open(options, 'configured').then(
      connection => callback(null, connection.socket),
      (error: Error) => callback(error, null)
    )
  }

  /** Gives up on connections that are still being made. */
  close(): void {
    for (const socket of this.#opening) socket.destroy()
  }

  async #open(options: buildConnector.Options, trust: Trust): Promise<Connection> {
    try {
      return await this.#attempt(options, trust)
    } catch (error) {
      // Reading the system's authorities costs more than most transfers, so it happens only when they are needed.
      const missing = error instanceof ConnectError && issuerUnknown.has(error.cause.code ?? '')
      if (!missing || trust === 'system' || this.#keys.tls.ca) throw error
      return this.#open(options, 'system')
    }
  }

  async #attempt(options: buildConnector.Options, trust: Trust): Promise<Connection> {
    const secure = options.protocol === 'https:'
    let connection: Connection | undefined
    const onread = {
      buffer: this.#buffer,
      callback: (length: number, filled: Uint8Array) => connection?.fill(length, filled) ?? false
    }
    const target = {...addressOptions(this.#keys, options), onread}
    const socket = secure ? await this.#secure(options, {target, trust}) : net.connect(target)
    connection = new Connection(socket, this.#observer)
    this.#opening.add(socket)
    try {
      const {timeouts, tls} = this.#keys
      await established(connection, {secure, timeout: timeouts.connect * 1000, pins: tls.pins})
    } finally {
      this.#opening.delete(socket)
    }
    return connection
  }

  async #secure(
    options: buildConnector.Options,
    {target, trust}: {target: net.TcpNetConnectOpts; trust: Trust}
  ): Promise<Socket> {
    const tls = await import('node:tls')
    // A session that is taken up again shows no certificate, so no key that could be held against the pins.
    const session = this.#keys.tls.pins.length > 0 ? undefined : this.#tlsSessions.get(options.hostname)
    const socket = tls.connect({
      ...target,
      servername: serverName(options),
      secureContext: this.#contexts.of(trust, tls),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: !this.#keys.tls.insecure,
      ...(session ? {session} : {})
    })
    socket.on('session', (fresh: Buffer) => this.#tlsSessions.set(options.hostname, fresh))
    return socket
  }
}

interface Establishment {
  readonly secure: boolean
  readonly timeout: number
  readonly pins: readonly string[]
}

function established(connection: Connection, {secure, timeout, pins}: Establishment): Promise<void> {
  const {socket, timings} = connection
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  let phase: ConnectError['phase'] = 'lookup'
  const fail = (error: NodeJS.ErrnoException) => reject(new ConnectError(phase, error))
  const timer = setTimeout(() => socket.destroy(timeoutError(timeout)), timeout)
  socket.once('lookup', (_error, address) => {
    timings.lookup = steadyTime()
    if (address) phase = 'connect'
  })
  socket.once('connect', () => {
    phase = secure ? 'secure' : 'connect'
    timings.connect = steadyTime()
    if (!secure) resolve()
  })
  socket.once('secureConnect', () => {
    timings.secure = steadyTime()
    const mismatch = pinMismatch(socket, pins)
    if (!mismatch) {
      hearAlerts(socket, () => connection.bytesRead > 0)
      return resolve()
    }
    reject(mismatch)
    socket.destroy()
  })
  socket.on('error', fail)
  socket.once('close', () =>
    fail(Object.assign(new Error('The connection was closed'), {code: 'ECONNRESET'}))
  )
  return promise.finally(() => clearTimeout(timer))
}

function timeoutError(milliseconds: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`No connection within ${milliseconds / 1000} s`), {code: 'ETIMEDOUT'})
}

function addressOptions(keys: ConnectorKeys, options: buildConnector.Options): net.TcpNetConnectOpts {
  const host = bareHost(options.hostname)
  const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
  const fixed = keys.network.resolve[`${host}:${port}`] ?? keys.network.resolve[`*:${port}`]
  return {
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
    ...(keys.network.family ? {family: keys.network.family} : {}),
    ...(keys.network.localAddress ? {localAddress: keys.network.localAddress} : {}),
    ...(fixed ? {lookup: fixedLookup(fixed)} : {})
  }
}

function fixedLookup(addresses: readonly string[]): LookupFunction {
  const records = addresses.map(address => ({
    address: bareHost(address),
    family: net.isIP(bareHost(address))
  }))
  return (_host, options, callback) => {
    const usable = records.filter(({family}) => !options.family || options.family === family)
    if (options.all) callback(null, usable)
    else callback(null, usable[0]?.address ?? '', usable[0]?.family)
  }
}

function serverName(options: buildConnector.Options): string {
  const host = bareHost(options.servername ?? options.hostname)
  return net.isIP(host) ? '' : host
}

function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
