import {buildConnector} from 'undici'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {hearAlerts} from './hear-alerts.ts'
import {pinMismatch} from './pinning.ts'
import {SecureContexts} from './secure-context.ts'

/** undici's own connector with the TLS of the session: Node's HTTP/2 reads its sockets itself. */
export function http2Connector(keys: Pick<ConfigurationKeys, 'timeouts' | 'tls'>): buildConnector.connector {
  const {insecure, pins} = keys.tls
  const contexts = new SecureContexts(keys.tls)
  const common = {allowH2: true, timeout: keys.timeouts.connect * 1000}
  const plain = buildConnector(common)
  let secure: buildConnector.connector | undefined
  const choose = async (protocol: string): Promise<buildConnector.connector> => {
    if (protocol !== 'https:') return plain
    const secureContext = contexts.of('configured', await import('node:tls'))
    // A session that is taken up again shows no certificate, so no key that could be held against the pins.
    const sessions = pins.length > 0 ? {maxCachedSessions: 0} : {}
    secure ??= buildConnector({...common, ...sessions, rejectUnauthorized: !insecure, secureContext})
    return secure
  }
  return (options, callback) => {
    const check: buildConnector.Callback = (...made) => {
      const [error, socket] = made
      const mismatch = error ? undefined : socket && pinMismatch(socket, pins)
      if (socket) hearAlerts(socket, () => socket.bytesRead > 0)
      if (!mismatch) return callback(...made)
      socket?.destroy()
      callback(mismatch, null)
    }
    choose(options.protocol).then(
      connect => connect(options, check),
      (error: Error) => callback(error, null)
    )
  }
}
