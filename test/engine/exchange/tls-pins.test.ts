import {X509Certificate, createHash} from 'node:crypto'
import {once} from 'node:events'
import {createSecureServer} from 'node:http2'
import type {AddressInfo, Socket} from 'node:net'
import {createServer} from 'node:tls'
import type {TLSSocket} from 'node:tls'
import {describe, expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {Identity} from '../../origin/certificates.ts'
import {certificates} from '../../origin/certificates.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'

function pinOf(identity: Identity): string {
  const {publicKey} = new X509Certificate(certificates[identity].cert)
  return createHash('sha256')
    .update(publicKey.export({type: 'spki', format: 'der'}))
    .digest('base64')
}

const right = pinOf('good')
const wrong = pinOf('expired')

async function secureOrigin(tls: Identity = 'good'): Promise<Origin> {
  const origin = await startOrigin({tls})
  origin.on('/', respond(200, {}, 'secret'))
  return origin
}

describe('a pinned key', () => {
  it.each([[[right]], [[wrong, right]]])('that the server has lets it answer', async pins => {
    await using origin = await secureOrigin()
    const {body} = await recordedSession({tls: {pins}}).get(origin.url('/'))
    expect(body.toString()).toBe('secret')
  })

  it.each(['checks', 'does not check'] as const)(
    'that the server has not ends the task of a session that %s certificates, before anything is asked, and for good',
    async checks => {
      await using origin = await secureOrigin()
      const recorded = recordedSession({
        tls: {pins: [wrong], insecure: checks === 'does not check'},
        retry: {attempts: 2, allErrors: true}
      })
      const {outcome} = await recorded.get(origin.url('/'))
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'PIN_MISMATCH', url: origin.url('/')}})
      expect(outcome.error?.message).toContain(right)
      expect(origin.requests).toHaveLength(0)
      expect(origin.connections).toBe(1)
    }
  )

  it('does not make a certificate good that is not', async () => {
    await using origin = await secureOrigin('expired')
    const {outcome} = await recordedSession({tls: {pins: [wrong]}}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
    const careless = await recordedSession({tls: {pins: [wrong], insecure: true}}).get(origin.url('/'))
    expect(careless.outcome.state).toBe('completed')
  })

  it('is asked of the target of a redirection too', async () => {
    await using origin = await secureOrigin()
    await using elsewhere = await secureOrigin('unknownAuthority')
    origin.on('/away', redirect(302, elsewhere.url('/')))
    const recorded = recordedSession({tls: {pins: [right], insecure: true}})
    const {outcome} = await recorded.get(origin.url('/away'))
    expect(outcome.error?.code).toBe('PIN_MISMATCH')
    expect(elsewhere.requests).toHaveLength(0)
  })

  it('is asked of nobody who speaks without TLS, as in curl', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const {outcome} = await recordedSession({tls: {pins: [wrong]}}).get(origin.url('/'))
    expect(outcome.state).toBe('completed')
  })

  it.each(['tls.pins of another form', 'sha256//', `${right}x`])('has its one form; %j has not', pin => {
    expect(() => SessionConfiguration.default({tls: {pins: [pin]}})).toThrow(
      expect.objectContaining({code: 'CONFIGURATION_REFUSED'})
    )
  })
})

/** A server that hangs up after each answer and takes up TLS sessions; `resumed` tells of each connection. */
async function startForgetfulServer(): Promise<{url: string; resumed: boolean[]}> {
  const {cert, key} = certificates.good
  const resumed: boolean[] = []
  const server = createServer({cert, key}, (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused())
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 204 None\r\nConnection: close\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, resumed}
}

describe('a TLS session', () => {
  const versions = ['TLSv1.2', 'TLSv1.3'] as const

  it.each(versions)('is taken up again by the next connection, with %s', async version => {
    const {url, resumed} = await startForgetfulServer()
    const recorded = recordedSession({tls: {min: version, max: version}})
    for (let count = 0; count < 3; count++) expect((await recorded.get(url)).outcome.error).toBeUndefined()
    expect(resumed).toEqual([false, true, true])
  })

  it.each(versions)(
    'never is where keys are pinned: each connection has to show its key, with %s',
    async version => {
      const {url, resumed} = await startForgetfulServer()
      const recorded = recordedSession({tls: {pins: [right], min: version, max: version}})
      for (let count = 0; count < 3; count++) expect((await recorded.get(url)).outcome.error).toBeUndefined()
      expect(resumed).toEqual([false, false, false])
    }
  )

  it.each(versions)('does not carry a second connection past the pins, with %s', async version => {
    const {url} = await startForgetfulServer()
    const recorded = recordedSession({tls: {pins: [wrong], min: version, max: version}})
    const codes: unknown[] = []
    for (let count = 0; count < 3; count++) codes.push((await recorded.get(url)).outcome.error?.code)
    expect(codes).toEqual(['PIN_MISMATCH', 'PIN_MISMATCH', 'PIN_MISMATCH'])
  })
})

describe('a pinned key over HTTP/2', () => {
  it.each([
    ['that the server has lets it answer', right, undefined, 1],
    ['that the server has not ends the task before anything is asked', wrong, 'PIN_MISMATCH', 0]
  ])('%s', async (_what, pin, code, requests) => {
    const {cert, key} = certificates.good
    let asked = 0
    const sockets: Socket[] = []
    const server = createSecureServer({cert, key}, (_request, response) => {
      asked += 1
      response.end('secret')
    })
    server.on('connection', socket => sockets.push(socket)).on('sessionError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const recorded = recordedSession({tls: {pins: [pin]}, network: {http2: true}})
    const {outcome} = await recorded.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    expect(outcome.error?.code).toBe(code)
    expect(asked).toBe(requests)
  })
})
