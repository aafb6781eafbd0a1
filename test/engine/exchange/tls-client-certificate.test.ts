import {generateKeyPairSync} from 'node:crypto'
import {once} from 'node:events'
import type {AddressInfo, Socket} from 'node:net'
import {createServer} from 'node:tls'
import type {TlsOptions} from 'node:tls'
import {describe, expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'

const {cert, key} = certificates.client
const protocols = [
  ['HTTP/1.1', false],
  ['HTTP/2', true]
] as const

async function demandingOrigin(): Promise<Origin> {
  const origin = await startOrigin({tls: 'good', clientCertificate: 'required'})
  origin.on('/', respond(200, {}, 'for members'))
  return origin
}

/** A server that says in TLS why it hangs up, as most do; the URL of its root. */
async function startAlertingServer(
  options: TlsOptions = {}
): Promise<{url: string; connections: () => number}> {
  const {cert, key} = certificates.good
  const sockets: Socket[] = []
  const server = createServer({cert, key, requestCert: true, ...options}, socket => socket.destroy())
  server.on('connection', socket => sockets.push(socket)).on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const {port} = server.address() as AddressInfo
  return {url: `https://127.0.0.1:${port}/`, connections: () => sockets.length}
}

function encrypted(passphrase: string): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase}
  }).privateKey
}

describe('a client certificate', () => {
  it('is shown to the server that asks for one', async () => {
    await using origin = await demandingOrigin()
    const {body} = await recordedSession({tls: {cert, key}}).get(origin.url('/'))
    expect(body.toString()).toBe('for members')
    expect(origin.requests[0]?.handshake?.clientName).toBe('ferry test client')
  })

  it('may bring its key along, before or behind it', async () => {
    await using origin = await demandingOrigin()
    for (const both of [cert + key, key + cert]) {
      const {outcome} = await recordedSession({tls: {cert: both}}).get(origin.url('/'))
      expect(outcome.state).toBe('completed')
    }
  })

  it('is shown to a server of HTTP/2 too', async () => {
    await using origin = await demandingOrigin()
    const recorded = recordedSession({tls: {cert, key}, network: {http2: true}})
    expect((await recorded.get(origin.url('/'))).outcome.state).toBe('completed')
    expect(origin.requests[0]?.handshake?.clientName).toBe('ferry test client')
  })

  it('is not shown by a session that has none, and the server does not serve it', async () => {
    await using origin = await demandingOrigin()
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome.state).toBe('failed')
    expect(origin.requests).toHaveLength(0)
  })

  describe.each(protocols)('over %s', (_name, http2) => {
    it.each([
      ['whose key is another one', {cert, key: certificates.good.key}, /does not belong/],
      ['without a key', {cert}, /cannot be used/],
      ['that is none', {cert: 'nothing', key}, /cannot be used/],
      ['whose key has another passphrase', {cert, key: encrypted('word'), passphrase: 'no'}, /passphrase/],
      ['whose key wants a passphrase', {cert, key: encrypted('word')}, /passphrase/]
    ])('%s ends the task before anybody is asked', async (_what, tls, message) => {
      await using origin = await demandingOrigin()
      const recorded = recordedSession({tls, network: {http2}, retry: {attempts: 2}})
      const {outcome} = await recorded.get(origin.url('/'))
      expect(outcome.error).toMatchObject({code: 'CLIENT_CERTIFICATE', url: origin.url('/')})
      expect(outcome.error?.message).toMatch(message)
      expect(origin.connections).toBe(0)
      expect(recorded.count('taskIsWaiting')).toBe(0)
    })
  })

  it('whose key was opened by its passphrase is judged by what is in it', async () => {
    await using origin = await demandingOrigin()
    const tls = {cert, key: encrypted('word'), passphrase: 'word'}
    const {outcome} = await recordedSession({tls}).get(origin.url('/'))
    expect(outcome.error?.message).toMatch(/does not belong/)
  })

  it.each(protocols)(
    'that is missing is what a server of TLS 1.3 asks for, over %s',
    async (_name, http2) => {
      const {url, connections} = await startAlertingServer({minVersion: 'TLSv1.3'})
      const recorded = recordedSession({network: {http2}, retry: {attempts: 2}})
      const {outcome} = await recorded.get(url)
      expect(outcome.error).toMatchObject({
        code: 'CLIENT_CERTIFICATE',
        hint: expect.stringContaining('--cert')
      })
      expect(connections()).toBe(1)
    }
  )

  it('that is missing may be why a server of TLS 1.2 breaks off, so the hint names it', async () => {
    const {url} = await startAlertingServer({maxVersion: 'TLSv1.2'})
    const {outcome} = await recordedSession().get(url)
    expect(outcome.error).toMatchObject({code: 'TLS_HANDSHAKE', hint: expect.stringContaining('--cert')})
  })

  it('cannot be a key alone', () => {
    expect(() => SessionConfiguration.default({tls: {key}})).toThrow(
      expect.objectContaining({code: 'CONFIGURATION_REFUSED'})
    )
  })
})
