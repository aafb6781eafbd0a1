import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {TransferError} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import {formatHead} from '../../origin/reply.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const unasked = {headers: [['Expect', '']]} as const
const large = seededBytes(20_000_000, 4)

describe('an answer before the end of the body', () => {
  it.each([
    [413, undefined],
    [401, undefined],
    [403, 'good'],
    [400, undefined]
  ] as const)('of %i is the answer, and ends the sending (TLS %s)', async (status, tls) => {
    await using origin = await startOrigin(tls ? {tls} : {})
    origin.on(
      '/',
      async (request, reply) => {
        await request.untilReceived(100_000)
        request.pause()
        await reply.respond(status, {}, 'No more than 100 kB, please.')
      },
      'head'
    )
    const {body, readings} = sentBody({bytes: large})
    const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toMatchObject({
      code: 'HTTP_STATUS',
      status,
      body: 'No more than 100 kB, please.'
    })
    expect(readings.open).toBe(0)
    expect(readings.pieces).toBeLessThan(large.length / 65_536)
    origin.requests[0]?.resume()
    await origin.untilIdle()
    expect(origin.requests[0]?.bodyState).toBe('broken')
  })

  it('ends the sending as soon as its head is here, however long the rest of it takes', async () => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        await request.untilReceived(100_000)
        await reply.head(413, {'content-length': '3'})
        await sleep(400)
        await reply.write('no!')
        await reply.end()
      },
      'head'
    )
    const {body, readings} = sentBody({bytes: large, before: () => sleep(5)})
    const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toMatchObject({status: 413, body: 'no!'})
    // Two until the server has enough, and some while its answer is on its way; many more would follow in that time.
    expect(readings.pieces).toBeLessThan(20)
  })

  it('is whole although the server breaks the connection off behind it, while a write fails', async () => {
    await using origin = await startOrigin()
    const gone = Promise.withResolvers<void>()
    const text = 'too large'
    origin.on(
      '/',
      async (request, reply) => {
        await request.untilReceived(1)
        const {socket} = reply.takeOver()
        const answer = Buffer.concat([
          formatHead(413, {'content-length': `${text.length}`}),
          Buffer.from(text)
        ])
        socket.pause()
        // The answer and the end reach the other side before it looks again, and it writes before it looks.
        socket.write(answer)
        socket.resetAndDestroy()
        gone.resolve()
      },
      'head'
    )
    const before = (position: number) => (position > 0 ? gone.promise : undefined)
    const {body, readings} = sentBody({bytes: large, before})
    const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 413, body: text})
    expect(readings.open).toBe(0)
  })

  it('of 200 lets the rest of the body follow, as long as the answer lasts', async () => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        await reply.head(200, {'transfer-encoding': 'chunked'})
        await reply.write('begun ')
        await request.untilReceived(3_000_000)
        await reply.write('done')
        await reply.end()
      },
      'head'
    )
    const {body} = sentBody({bytes: large.subarray(0, 3_000_000)})
    const {outcome, body: received} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toBeUndefined()
    expect(received.toString()).toBe('begun done')
    expect(origin.requests[0]).toMatchObject({bodyLength: 3_000_000, bodyState: 'whole'})
  })
})

describe('a connection that breaks while the body is on its way', () => {
  it.each(['reset', 'fin'] as const)('is told as such where no answer came (%s)', async end => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        await request.untilReceived(200_000)
        request.pause()
        await reply[end]()
      },
      'head'
    )
    const {body, readings} = sentBody({bytes: large})
    const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toMatchObject({code: 'SEND_FAILED', url: origin.url('/')})
    expect(readings.open).toBe(0)
  })

  it.each([
    ['PUT', 2],
    ['POST', 1]
  ])('makes a %s be sent %i times, from the beginning', async (method, times) => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        await request.untilReceived(200_000)
        if (origin.requests.length === 1) {
          request.pause()
          return await reply.reset()
        }
        await request.untilReceived(large.length)
        return await reply.respond(200)
      },
      'head'
    )
    const {body} = sentBody({bytes: large})
    const recorded = recordedSession({retry: {attempts: 1, delay: 0.01}})
    const {outcome} = await recorded.get(carrying(origin.url('/'), body, {...unasked, method}))
    expect(outcome.error?.code).toBe(times === 1 ? 'SEND_FAILED' : undefined)
    expect(origin.requests).toHaveLength(times)
    if (times === 2) expect(origin.requests[1]?.body.equals(large)).toBe(true)
  })
})

describe('a body that cannot be read on', () => {
  it.each([
    [() => new TransferError('SOURCE_CHANGED', 'It grew'), 'SOURCE_CHANGED', 'It grew'],
    [() => new Error('EIO'), 'READ_FAILED', 'The content to send cannot be read: EIO']
  ] as const)('ends the request with its own error, and the server gets no whole body', async (...all) => {
    const [error, code, message] = all
    for (const length of ['known', 'unknown'] as const) {
      await using origin = await startOrigin()
      origin.on('/', (_request, reply) => reply.respond(200))
      const before = async (position: number) => {
        if (position === 0) return
        await sleep(1)
        throw error()
      }
      const {body, readings} = sentBody({bytes: large, length, before})
      const {outcome} = await recordedSession().get(carrying(origin.url('/'), body, unasked))
      expect(outcome.error).toMatchObject({code, message, url: origin.url('/')})
      expect(readings.open).toBe(0)
      await origin.untilIdle()
      expect(origin.requests[0]?.bodyState).toBe('broken')
    }
  })
})
