import {createHash} from 'node:crypto'
import type {KeyObject} from 'node:crypto'
import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import {TransferError} from '../transfer-error.ts'
import {ConnectError} from './connect-error.ts'

export interface Demands {
  readonly pins: readonly string[]
  /** SHA-256 fingerprint of the one certificate that needs nobody to vouch for it. */
  readonly trusted: string | undefined
}

/** What is wrong with the certificate that the server shows, beyond what Node has looked at. Nothing was sent yet. */
export function certificateFault(socket: Socket, {pins, trusted}: Demands): Error | undefined {
  if (isSecure(socket) && trusted !== undefined && !socket.authorized) {
    const certificate = socket.getPeerX509Certificate()?.fingerprint256
    const cause = Object.assign(new Error('it is not the one that was trusted'), {code: 'CERT_UNTRUSTED'})
    if (certificate !== trusted) return new ConnectError('secure', cause, {certificate})
  }
  return pinMismatch(socket, pins)
}

/**
 * What is wrong with the server's key, if one must be pinned (RFC 7469, 2.4: the digest of the SubjectPublicKeyInfo).
 * Without TLS, or without pins, nothing is wrong.
 */
function pinMismatch(socket: Socket, pins: readonly string[]): TransferError | undefined {
  if (pins.length === 0 || !isSecure(socket)) return undefined
  const key = socket.getPeerX509Certificate()?.publicKey
  if (key === undefined) return new TransferError('PIN_MISMATCH', 'The server showed no key to compare')
  const shown = pinOf(key)
  if (pins.includes(shown)) return undefined
  return new TransferError('PIN_MISMATCH', `The server's public key is not a pinned one: sha256//${shown}`)
}

function isSecure(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket
}

function pinOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({type: 'spki', format: 'der'}))
    .digest('base64')
}
