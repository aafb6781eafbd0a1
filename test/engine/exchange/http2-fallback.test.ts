import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {constants, createSecureServer} from 'node:http2'
import type {Http2ServerRequest, Http2ServerResponse} from 'node:http2'
import type {AddressInfo} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'
import {startProxy} from './scripted-proxy.ts'
import {startSocks} from './scripted-socks.ts'

const body = seededBytes(400_000, 6)
type Trouble = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** Speaks both versions; HTTP/2 is in trouble. The versions of all requests, in order. */
async function startServer(trouble: Trouble): Promise<{url: string; port: number; versions: string[]}> {
  const {cert, key} = certificates.good
  const versions: string[] = []
  const server = createSecureServer({cert, key, allowHTTP1: true}, (request, response) => {
    versions.push(request.httpVersion)
    if (request.httpVersion === '2.0') return trouble(request, response)
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    const start = Number(first ?? 0)
    const range = `bytes ${start}-${body.length - 1}/${body.length}`
    response.writeHead(first === undefined ? 200 : 206, {
      etag: '"v1"',
      'content-length': body.length - start,
      ...(first === undefined ? {} : {'content-range': range})
    })
    response.end(body.subarray(start))
  })
  const sessions = new Set<{destroy(): void}>()
  server.on('session', session => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const {port} = server.address() as AddressInfo
  return {url: `https://127.0.0.1:${port}/`, port, versions}
}

const breakStream: Trouble = ({stream}) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)
const sayGoodbye: Trouble = ({stream}) => {
  stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  stream.session?.destroy()
}

it.each([
  ['a stream error', breakStream],
  ['GOAWAY', sayGoodbye]
])('%s before an answer is followed by HTTP/1.1, at once and from then on', async (_what, trouble) => {
  const {url, versions} = await startServer(trouble)
  const recorded = recordedSession({network: {http2: true}})
  const first = await recorded.get(url)
  expect(first.outcome.error).toBeUndefined()
  expect(first.body.equals(body)).toBe(true)
  await recorded.get(url)
  expect(versions.filter(version => version === '1.1')).toHaveLength(2)
  expect(versions.slice(-2)).toEqual(['1.1', '1.1'])
})

it('a stream error in the middle of a body is followed by the rest over HTTP/1.1', async () => {
  const {url, versions} = await startServer((_request, response) => {
    response.writeHead(200, {etag: '"v1"', 'content-length': body.length})
    response.write(body.subarray(0, 100_000))
    setTimeout(() => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR), 50)
  })
  const recorded = recordedSession({network: {http2: true}, retry: {attempts: 2}})
  const task = recorded.session.downloadTask(urlRequest(url), {
    directory: scratchFolder(),
    fileName: 'F',
    flush: 'never'
  })
  task.resume()
  const outcome = await task.outcome
  expect(outcome.error).toBeUndefined()
  expect(readFileSync(outcome.path ?? '').equals(body)).toBe(true)
  expect(versions).toEqual(['2.0', '1.1'])
})

const answer: Trouble = (_request, response) => void response.end('over two')

it.each([
  ['an http proxy', startProxy],
  ['a SOCKS5 proxy', startSocks]
])('HTTP/2 is spoken through %s too', async (_what, start) => {
  const {url, versions} = await startServer(answer)
  const proxy = await start()
  const {outcome, body: received} = await recordedSession({
    network: {http2: true},
    proxy: {url: proxy.url}
  }).get(url)
  expect(outcome.error).toBeUndefined()
  expect(received.toString()).toBe('over two')
  expect(versions).toEqual(['2.0'])
})

it('HTTP/2 goes to the addresses that are fixed for a name', async () => {
  const {port, versions} = await startServer(answer)
  const network = {http2: true, resolve: {[`localhost:${port}`]: ['127.0.0.1']}, family: 4} as const
  const {body: received} = await recordedSession({network}).get(`https://localhost:${port}/`)
  expect(received.toString()).toBe('over two')
  expect(versions).toEqual(['2.0'])
})

it('a server that speaks HTTP/1.1 alone is spoken to in it, whatever its bytes are cut into', async () => {
  const {cert, key} = certificates.good
  const {createServer} = await import('node:https')
  const server = createServer({cert, key}, (_request, response) => void response.end(body))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const {port} = server.address() as AddressInfo
  const recorded = recordedSession({network: {http2: true}})
  for (let count = 0; count < 3; count++) {
    const {body: received, task} = await recorded.get(`https://127.0.0.1:${port}/`)
    expect(received.equals(body)).toBe(true)
    expect(task.metrics?.transactionMetrics[0]?.networkProtocolName).toBe('http/1.1')
  }
})
