import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {createSecureServer} from 'node:http2'
import type {Http2SecureServer} from 'node:http2'
import type {AddressInfo} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'

const body = seededBytes(3_000_000, 4)

/** A server that speaks HTTP/2 with those who want it, and HTTP/1.1 with the others; sends the body everywhere. */
async function startServer(): Promise<{server: Http2SecureServer; url: string}> {
  const {cert, key} = certificates.good
  const server = createSecureServer({cert, key, allowHTTP1: true}, (request, response) => {
    response.setHeader('x-protocol', request.httpVersion)
    response.setHeader('content-length', body.length)
    if (request.url === '/missing') response.statusCode = 404
    response.end(body)
  })
  const sessions = new Set<{destroy(): void}>()
  server.on('session', session => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return {server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`}
}

it('a download over HTTP/2 arrives whole, several at once on one connection', async () => {
  const {server, url} = await startServer()
  let connections = 0
  server.on('secureConnection', () => connections++)
  const recorded = recordedSession({network: {http2: true}, maxConnectionsPerHost: 1})
  const directory = scratchFolder()
  const tasks = ['one', 'two', 'three'].map(fileName =>
    recorded.session.downloadTask(urlRequest(url), {directory, fileName, flush: 'never'})
  )
  for (const task of tasks) task.resume()
  for (const task of tasks) {
    const outcome = await task.outcome
    expect(outcome.error).toBeUndefined()
    expect(outcome.response?.headers).toContainEqual(['x-protocol', '2.0'])
    expect(readFileSync(outcome.path ?? '').equals(body)).toBe(true)
  }
  expect(tasks[0]?.metrics?.transactionMetrics[0]?.networkProtocolName).toBe('h2')
  expect(connections).toBe(1)
})

it('HTTP/2 is spoken only where the session asks for it', async () => {
  const {url} = await startServer()
  const {outcome, body: received} = await recordedSession().get(url)
  expect(outcome.response?.headers).toContainEqual(['x-protocol', '1.1'])
  expect(received.equals(body)).toBe(true)
})

it('a slow delegate holds an HTTP/2 body back without losing any of it', async () => {
  const {url} = await startServer()
  let pieces = 0
  const recorded = recordedSession(
    {network: {http2: true}},
    {
      didReceiveData: () => (pieces++ % 20 === 0 ? new Promise(resolve => setTimeout(resolve, 2)) : undefined)
    }
  )
  const {outcome, body: received} = await recorded.get(url)
  expect(outcome.error).toBeUndefined()
  expect(received.equals(body)).toBe(true)
})

it('an HTTP/2 error status and a cancel mean what they mean elsewhere', async () => {
  const {url} = await startServer()
  const recorded = recordedSession({network: {http2: true}}, {didReceiveData: task => task.cancel()})
  const missing = await recorded.get(`${url}missing`)
  expect(missing.outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 404}})
  const cancelled = await recorded.get(url)
  expect(cancelled.outcome).toMatchObject({state: 'cancelled'})
})

it('HTTP/2 with a server that is not trusted is refused [promise 5]', async () => {
  const {url} = await startServer()
  const recorded = recordedSession({network: {http2: true}, tls: {ca: certificates.unknownAuthority.cert}})
  expect((await recorded.get(url)).outcome.error?.code).toBe('CERTIFICATE_REFUSED')
})
