import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import type {ConnectionTimings} from './connection.ts'

/** Both ends of a connection, and how what goes over it is protected. */
export interface Ends {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** As in TLSv1.3. */
  readonly tlsVersion: string | undefined
  /** By its name in the TLS registry. */
  readonly tlsCipher: string | undefined
}

/** The ends of a connection that stands. */
export function endsOf(socket: Socket, {secure}: ConnectionTimings): Ends {
  const {remoteAddress, remotePort, localAddress, localPort} = socket
  const tls = secure === undefined ? undefined : (socket as TLSSocket)
  return {
    remoteAddress,
    remotePort,
    localAddress,
    localPort,
    tlsVersion: tls?.getProtocol?.() ?? undefined,
    tlsCipher: tls?.getCipher?.().standardName
  }
}
