import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

describe('a body', () => {
  it.each([
    [undefined, 'known', 5],
    [undefined, 'unknown', 5],
    [undefined, 'known', 300_000],
    [undefined, 'unknown', 300_000],
    [undefined, 'known', 3_000_000],
    [undefined, 'unknown', 3_000_000],
    ['good', 'known', 3_000_000],
    ['good', 'unknown', 300_000]
  ] as const)(
    'arrives as it is, and its connection is used again (TLS %s, length %s: %i)',
    async (...run) => {
      const [tls, length, size] = run
      await using origin = await startOrigin(tls ? {tls} : {})
      origin.on('/', (request, reply) => reply.respond(200, {}, request.body))
      const bytes = seededBytes(size, 3)
      const {body, readings} = sentBody({bytes, length})
      const recorded = recordedSession({maxConnectionsPerHost: 1})
      for (let count = 1; count <= 2; count++) {
        const {outcome, body: echoed, task} = await recorded.get(carrying(origin.url('/'), body))
        expect(outcome.error).toBeUndefined()
        expect(echoed.equals(bytes)).toBe(true)
        const [metrics] = task.metrics?.transactionMetrics ?? []
        expect(metrics?.countOfRequestBodyBytesSent).toBe(size)
        expect(metrics?.requestEnd).toBeLessThanOrEqual(metrics?.responseEnd ?? 0)
      }
      await recorded.get(origin.url('/'))
      expect(readings).toMatchObject({open: 0, reasons: ['initial', 'initial']})
      // A long answer ends its connection, whatever was asked with it.
      expect(origin.connections).toBe(size > 1_000_000 ? 3 : 1)
    }
  )

  it.each([
    ['PUT', 'known', []],
    ['PUT', 'unknown', []],
    ['POST', 'known', [['Content-Type', 'text/plain']]],
    ['POST', 'unknown', []]
  ] as const)(
    'of no bytes is one that says so, and has no type but one that was given (%s, length %s) [3A 56, 3A 67]',
    async (method, length, headers) => {
      await using origin = await startOrigin()
      origin.on('/', (_request, reply) => reply.respond(204))
      const {body} = sentBody({bytes: new Uint8Array(), length})
      const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, {method, headers}))
      expect(outcome.response?.status).toBe(204)
      const [request] = origin.requests
      expect(request?.header('content-length')).toBe('0')
      expect(request?.header('content-type')).toBe(headers[0]?.[1])
      expect(request?.header('transfer-encoding')).toBeUndefined()
    }
  )

  it('that ends too early, or not when it should, fails its request and is never sent as another one', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.respond(200))
    for (const [announced, held] of [
      [10, 0],
      [200_000, 150_000],
      [150_000, 200_000]
    ] as const) {
      const {body} = sentBody({bytes: seededBytes(held, 1)})
      const lying = {...body, length: announced, open: () => body.open(), again: () => body}
      const {outcome} = await recordedSession().get(carrying(origin.url('/'), lying))
      expect(outcome.error).toMatchObject({code: 'READ_FAILED', url: origin.url('/')})
    }
    expect(origin.requests.every(({bodyState}) => bodyState !== 'whole')).toBe(true)
  })

  it('goes out on the connection of its own request when many are made at once', async () => {
    await using origin = await startOrigin()
    origin.on('*', (request, reply) => reply.respond(200, {}, request.body))
    const recorded = recordedSession({maxParallelTasks: 16})
    const sizes = Array.from({length: 24}, (_, index) => index * 7_919)
    const results = await Promise.all(
      sizes.map((size, index) => {
        const request = urlRequest(origin.url(`/${index}`))
        if (index % 3 === 0) return recorded.get(request)
        const before = () => new Promise<void>(resolve => setTimeout(resolve, index % 5))
        const {body} = sentBody({bytes: seededBytes(size, index), before})
        return recorded.get(carrying(request.url.href, body))
      })
    )
    for (const [index, {outcome, body, task}] of results.entries()) {
      expect(outcome.error).toBeUndefined()
      const bytes = index % 3 === 0 ? Buffer.alloc(0) : seededBytes(sizes[index] ?? 0, index)
      expect(body.equals(bytes)).toBe(true)
      const [metrics] = task.metrics?.transactionMetrics ?? []
      const request = origin.requestsOf(`/${index}`)[0]
      expect(metrics?.countOfRequestHeaderBytesSent).toBe(request?.rawHead.length)
    }
  })
})
