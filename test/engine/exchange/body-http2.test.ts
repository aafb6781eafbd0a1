import {once} from 'node:events'
import {constants, createSecureServer} from 'node:http2'
import type {Http2ServerRequest, Http2ServerResponse} from 'node:http2'
import type {AddressInfo} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'
import {certificates} from '../../origin/certificates.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const large = seededBytes(5_000_000, 6)
const two = {network: {http2: true}} as const

interface Server {
  readonly url: string
  readonly versions: string[]
  /** Bodies that came to their end. */
  readonly bodies: Buffer[]
}

type Handle = (request: Http2ServerRequest, response: Http2ServerResponse) => void

async function startServer(handle?: Handle): Promise<Server> {
  const {cert, key} = certificates.good
  const [versions, bodies]: [string[], Buffer[]] = [[], []]
  const take: Handle = (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      bodies.push(Buffer.concat(pieces))
      response.end('stored')
    })
  }
  const server = createSecureServer({cert, key, allowHTTP1: true}, (request, response) => {
    versions.push(request.httpVersion)
    if (request.httpVersion === '2.0' && handle) handle(request, response)
    else take(request, response)
  })
  const sessions = new Set<{destroy(): void}>()
  server.on('session', session => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, versions, bodies}
}

it.each(['known', 'unknown'] as const)('a body arrives over HTTP/2 as it is (length %s)', async length => {
  const {url, versions, bodies} = await startServer()
  const {body, readings} = sentBody({bytes: large, length, piece: 1 << 20})
  const {outcome, body: answer, task} = await recordedSession(two).get(carrying(url, body))
  expect(outcome.error).toBeUndefined()
  expect(answer.toString()).toBe('stored')
  expect(bodies[0]?.equals(large)).toBe(true)
  expect(versions).toEqual(['2.0'])
  expect(task.metrics?.transactionMetrics[0]?.countOfRequestBodyBytesSent).toBe(large.length)
  expect(readings).toMatchObject({open: 0, reasons: ['initial']})
})

it('an answer before its end is the answer, and ends the sending', async () => {
  const {url} = await startServer((_request, response) => {
    response.writeHead(413)
    response.end('too large', () => response.stream.close(constants.NGHTTP2_NO_ERROR))
  })
  const {body, readings} = sentBody({bytes: seededBytes(60_000_000, 1)})
  const {outcome} = await recordedSession(two).get(carrying(url, body))
  expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 413, body: 'too large'})
  expect(readings.open).toBe(0)
})

it.each([
  ['PUT', ['2.0', '1.1']],
  ['POST', ['2.0']]
])('a %s that HTTP/2 fails under is sent over %j', async (method, expected) => {
  const {url, versions, bodies} = await startServer(({stream}) => {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  })
  const {body, readings} = sentBody({bytes: large})
  const {outcome} = await recordedSession(two).get(carrying(url, body, {method}))
  expect(versions).toEqual(expected)
  expect(readings.open).toBe(0)
  expect(outcome.error?.code).toBe(method === 'PUT' ? undefined : 'SEND_FAILED')
  if (method === 'PUT') expect(bodies[0]?.equals(large)).toBe(true)
})
