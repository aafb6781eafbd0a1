import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {connect as connectPlainly, createServer} from 'node:net'
import {connect} from 'node:tls'
import type {ConnectionOptions} from 'node:tls'
import {expect, it} from 'vitest'
import {certificates} from './certificates.ts'
import {respond} from './handlers.ts'
import {startOrigin} from './origin.ts'
import {get} from './raw-client.ts'

/** Resolves with 'trusted' or the code of the refusal. */
function trust(options: ConnectionOptions): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ca: certificates.authority, ...options}, () => {
      socket.destroy()
      resolve('trusted')
    })
    socket.on('error', error => resolve('code' in error ? String(error.code) : error.message))
  })
}

it.each([
  ['good', '127.0.0.1', 'trusted'],
  ['good', '::1', 'trusted'],
  ['expired', '127.0.0.1', 'CERT_HAS_EXPIRED'],
  ['wrongName', '127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['unknownAuthority', '127.0.0.1', 'DEPTH_ZERO_SELF_SIGNED_CERT']
] as const)('shows the %s certificate on %s: %s', async (tls, host, expected) => {
  await using origin = await startOrigin({tls, host})
  expect(await trust({host, port: origin.port})).toBe(expected)
})

it('asks for a client certificate and writes down its name and the server name', async () => {
  await using origin = await startOrigin({tls: 'good', clientCertificate: 'required'})
  origin.on('*', respond(200))
  const {cert, key} = certificates.client
  const options = {port: origin.port, host: '127.0.0.1', servername: 'localhost', ca: certificates.authority}
  const socket = connect({...options, cert, key, ALPNProtocols: ['http/1.1']}).on('error', () => {})
  socket.write(get('/'))
  await origin.untilRequests(1)
  socket.destroy()
  const [request] = origin.requests
  expect(request?.handshake).toMatchObject({
    clientName: 'ferry test client',
    serverName: 'localhost',
    applicationProtocol: 'http/1.1'
  })
  const without = connect(options)
  const ended = new Promise(resolve => without.on('error', () => {}).on('close', resolve))
  without.write(get('/'))
  await ended
  expect(origin.requests).toHaveLength(1)
})

/** The types of the TLS records in a row of bytes (RFC 5246, 6.2.1: type, version, length). */
function recordTypes(bytes: Buffer): number[] {
  const types: number[] = []
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    types.push(bytes.readUInt8(at))
  return types
}

/** The types of the records that the origin sends in answer to one request, as a listener on the wire sees them. */
async function recordsSent(fault: {cutAfter: number} | {tlsCutAfter: number}): Promise<number[]> {
  await using origin = await startOrigin({tls: 'good'})
  origin.serve('/file', {body: 'hello', fault})
  const seen: Buffer[] = []
  const relay = createServer(client => {
    const onward = connectPlainly(origin.port, '127.0.0.1').on('data', chunk => seen.push(chunk))
    client.on('error', () => {}).pipe(onward)
    onward.on('error', () => {}).pipe(client)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const {port} = relay.address() as AddressInfo
  // Only up to TLS 1.2 does a record show what it carries.
  const options = {port, host: '127.0.0.1', ca: certificates.authority, maxVersion: 'TLSv1.2'} as const
  const socket = connect(options).on('error', () => {})
  socket.write(get('/file'))
  await once(socket.resume(), 'close')
  relay.close()
  return recordTypes(Buffer.concat(seen))
}

it('ends TLS with close_notify in order, and without it when cut underneath', async () => {
  const [handshake, data, alert] = [22, 23, 21]
  const inOrder = await recordsSent({cutAfter: 3})
  expect(inOrder).toContain(handshake)
  expect(inOrder.at(-1)).toBe(alert)
  const cut = await recordsSent({tlsCutAfter: 3})
  expect(cut).not.toContain(alert)
  expect(cut.at(-1)).toBe(data)
})
