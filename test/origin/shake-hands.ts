import type {Socket} from 'node:net'
import {TLSSocket, createSecureContext} from 'node:tls'
import type {Identity} from './certificates.ts'
import {certificates} from './certificates.ts'
import type {OriginOptions} from './origin.ts'
import type {Handshake} from './request.ts'

export interface HandshakeOptions {
  readonly identity: Identity
  readonly clientCertificate: OriginOptions['clientCertificate'] | undefined
}

export interface Secured {
  readonly socket: TLSSocket
  readonly handshake: Handshake
}

// The same for all connections: a session may be taken up again on any of them.
const ticketKeys = Buffer.alloc(48, 'ferry')

function describe(socket: TLSSocket): Handshake {
  const name = socket.getPeerCertificate().subject?.CN
  return {
    serverName:
      'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined,
    protocol: socket.getProtocol(),
    applicationProtocol: socket.alpnProtocol || undefined,
    clientName: Array.isArray(name) ? name[0] : name,
    length: socket.isSessionReused() ? 'abbreviated' : 'full'
  }
}

/** The server's half of TLS on an accepted connection; undefined when it came to nothing, and the connection is gone. */
export function shakeHands(transport: Socket, options: HandshakeOptions): Promise<Secured | undefined> {
  const {cert, key} = certificates[options.identity]
  const socket = new TLSSocket(transport, {
    isServer: true,
    secureContext: createSecureContext({cert, key, ca: certificates.authority, ticketKeys}),
    requestCert: options.clientCertificate !== undefined,
    rejectUnauthorized: options.clientCertificate === 'demanded',
    ALPNProtocols: ['http/1.1']
  })
  return new Promise(resolve => {
    socket.on('error', () => transport.destroy())
    transport.on('close', () => resolve(undefined))
    socket.on('secure', () => {
      const handshake = describe(socket)
      if (options.clientCertificate === 'required' && handshake.clientName === undefined) {
        transport.destroy()
        return
      }
      resolve({socket, handshake})
    })
  })
}
