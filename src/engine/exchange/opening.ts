import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import {ConnectError} from './connect-error.ts'
import type {ConnectionTimings} from './connection.ts'
import {steadyTime} from './steady-time.ts'

/** What a socket still has to go through. over: TLS on a connection that stands. */
export interface Layer {
  readonly security: 'none' | 'tls' | 'over'
  /** host:port of the proxy that is being reached, if it is one. */
  readonly proxy: string | undefined
  /** Looks at the certificate before anything is sent; what it returns is what is wrong with it. */
  readonly inspect: (socket: Socket) => Error | undefined
}

/** One connection on its way: all its layers (lookup, TCP, proxy, TLS) share one time limit. */
export class Opening {
  readonly timings: ConnectionTimings = {
    start: steadyTime(),
    lookupStart: undefined,
    lookup: undefined,
    connect: undefined,
    secureStart: undefined,
    secure: undefined
  }
  readonly #sockets: Socket[] = []
  readonly #timer: NodeJS.Timeout
  #failure: NodeJS.ErrnoException | undefined

  /** Milliseconds. */
  constructor(limit: number) {
    this.#timer = setTimeout(() => this.abort(timeoutError(limit)), limit)
  }

  add<Kind extends Socket>(socket: Kind): Kind {
    this.#sockets.push(socket)
    if (this.#failure) socket.destroy(this.#failure)
    return socket
  }

  /** Gives up; whoever waits for a layer hears the error. */
  abort(error: NodeJS.ErrnoException = closed()): void {
    this.#failure ??= error
    for (const socket of this.#sockets.toReversed()) socket.destroy(error)
  }

  settle(): void {
    clearTimeout(this.#timer)
  }

  /** Resolves when the layer stands; rejects with a ConnectError, or with what the inspection found. */
  stand(socket: Socket, {security, proxy, inspect}: Layer): Promise<void> {
    const {timings} = this
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    let phase: ConnectError['phase'] = security === 'over' ? 'secure' : 'lookup'
    const shown = certificateOf(socket)
    const fail = (error: NodeJS.ErrnoException, version?: string) =>
      reject(new ConnectError(phase, error, {proxy, certificate: shown(), version}))
    if (phase === 'lookup') timings.lookupStart ??= steadyTime()
    else timings.secureStart = steadyTime()
    socket.once('lookup', (_error, address) => {
      timings.lookup = steadyTime()
      if (address) phase = 'connect'
    })
    socket.once('connect', () => {
      timings.connect = steadyTime()
      if (security === 'none') return resolve()
      phase = 'secure'
      timings.secureStart = timings.connect
    })
    socket.once('secureConnect', () => {
      timings.secure = steadyTime()
      const fault = inspect(socket)
      if (!fault) return resolve()
      reject(fault)
      socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error, versionOf(socket, error)))
    socket.once('close', () => fail(closed()))
    return promise
  }
}

// A certificate that is refused is gone with its socket, so it is looked at before Node judges it: in the way Node looks
// at it, since after getPeerX509Certificate() Node would find none.
function certificateOf(socket: Socket): () => string | undefined {
  let fingerprint: string | undefined
  socket.prependOnceListener('secure', () => {
    fingerprint = (socket as TLSSocket).getPeerCertificate().fingerprint256
  })
  return () => fingerprint
}

// Asked of no other end than an alert in the handshake: once a connection is closed, Node looks at what it has thrown away.
function versionOf(socket: Socket, {code}: NodeJS.ErrnoException): string | undefined {
  return code?.endsWith('_ALERT_HANDSHAKE_FAILURE')
    ? ((socket as TLSSocket).getProtocol() ?? undefined)
    : undefined
}

function closed(): NodeJS.ErrnoException {
  return Object.assign(new Error('The connection was closed'), {code: 'ECONNRESET'})
}

function timeoutError(milliseconds: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`No connection within ${milliseconds / 1000} s`), {code: 'ETIMEDOUT'})
}
