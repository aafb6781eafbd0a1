import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:tls'
import {expect, it, onTestFinished} from 'vitest'
import {certificates} from '../../origin/certificates.ts'
import {recordedSession} from '../recorded-session.ts'
import {startProxy} from './scripted-proxy.ts'

/** A server of one version of TLS; its address, and the versions that were settled. */
async function startServer(
  version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
): Promise<{url: string; spoken: string[]}> {
  const {cert, key} = certificates.good
  const spoken: string[] = []
  // What is as old as TLS 1.1 is spoken by OpenSSL only on request.
  const ciphers = 'DEFAULT@SECLEVEL=0'
  const server = createServer({cert, key, ciphers, minVersion: version, maxVersion: version}, socket => {
    spoken.push(socket.getProtocol() ?? '')
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 204 Nothing\r\nConnection: close\r\n\r\n'))
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, spoken}
}

it.each([
  ['TLSv1.1', {}, 'TLS_HANDSHAKE'],
  ['TLSv1.2', {}, undefined],
  ['TLSv1.2', {min: 'TLSv1.3'}, 'TLS_HANDSHAKE'],
  ['TLSv1.3', {max: 'TLSv1.2'}, 'TLS_HANDSHAKE'],
  ['TLSv1.3', {min: 'TLSv1.3'}, undefined],
  ['TLSv1.3', {}, undefined]
] as const)('a server of %s alone, to a session with %j: %s [P12]', async (version, tls, code) => {
  const proxy = await startProxy()
  for (const url of ['none', proxy.url]) {
    const server = await startServer(version)
    const {outcome} = await recordedSession({tls, proxy: {url}}).get(server.url)
    expect(outcome.error?.code).toBe(code)
    expect(server.spoken).toEqual(code === undefined ? [version] : [])
  }
})
