import {connect} from 'node:net'
import {connect as connectSecurely} from 'node:tls'
import {certificates} from './certificates.ts'
import type {Origin} from './origin.ts'

/** Everything that a connection delivered, and how it ended. */
export interface Delivery {
  readonly text: string
  readonly body: Buffer
  readonly end: 'fin' | 'silence' | (string & {})
  readonly chunks: number
}

export interface Talk {
  /** Whole requests, as sent. */
  readonly send: string
  /** Gives up after so many milliseconds without a byte, which counts as silence. */
  readonly patience?: number
  /** Goes away after so many bytes. */
  readonly most?: number
}

/** Sends bytes and listens until the connection ends or falls silent: a client without opinions. */
export function talk(origin: Origin, {send, patience = 10_000, most = Infinity}: Talk): Promise<Delivery> {
  const port = origin.port
  const secure = origin.url('/').startsWith('https')
  const socket = secure
    ? connectSecurely({port, host: '127.0.0.1', ca: certificates.authority})
    : connect({port, host: '127.0.0.1'})
  const chunks: Buffer[] = []
  return new Promise(resolve => {
    const finish = (end: Delivery['end']): void => {
      socket.destroy()
      const all = Buffer.concat(chunks)
      const body = all.subarray(all.indexOf('\r\n\r\n') + 4)
      resolve({text: all.toString('latin1'), body, end, chunks: chunks.length})
    }
    let received = 0
    socket.on('data', chunk => {
      chunks.push(chunk)
      received += chunk.length
      if (received >= most) finish('enough')
    })
    socket.on('end', () => finish('fin'))
    socket.on('error', error => finish('code' in error ? String(error.code) : error.message))
    // Only 'error' and 'end' say how it ended; 'close' comes after both.
    socket.on('close', () => finish('closed'))
    socket.setTimeout(patience, () => finish('silence'))
    socket.write(send)
  })
}

/** A GET request on a connection of its own. */
export function get(path: string, fields: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({host: 'localhost', connection: 'close', ...fields})
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}
