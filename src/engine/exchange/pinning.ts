import {createHash} from 'node:crypto'
import type {KeyObject} from 'node:crypto'
import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import {TransferError} from '../transfer-error.ts'

/**
 * What is wrong with the server's key, if one must be pinned (RFC 7469, 2.4: the digest of the SubjectPublicKeyInfo).
 * To be asked on every connection before anything is sent. Without TLS, or without pins, nothing is wrong.
 */
export function pinMismatch(socket: Socket, pins: readonly string[]): TransferError | undefined {
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
