import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const mebibyte = 1024 * 1024
const large = seededBytes(3_000_000, 4)
const patient = {uploads: {expectTimeout: 30}}

describe('a server is asked whether it wants a body (Expect)', () => {
  it.each([
    ['known', mebibyte, '100-continue'],
    ['known', mebibyte - 1, undefined],
    ['unknown', 5, '100-continue'],
    ['unknown', 0, undefined]
  ] as const)('of %s length and %i bytes: %s', async (length, size, expected) => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const bytes = seededBytes(size, 2)
    const {body} = sentBody({bytes, length})
    const {outcome} = await recordedSession(patient).get(carrying(origin.url('/'), body))
    expect(outcome.error).toBeUndefined()
    expect(origin.requests[0]?.header('expect')).toBe(expected)
    expect(origin.requests[0]?.body.equals(bytes)).toBe(true)
  })

  it.each([
    ['an empty header', [['expect', '']], patient],
    ['no time to wait', [], {uploads: {expectTimeout: 0}}]
  ] as const)('but not with %s', async (_what, headers, configuration) => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const {body} = sentBody({bytes: large})
    const {outcome} = await recordedSession(configuration).get(carrying(origin.url('/'), body, {headers}))
    expect(outcome.error).toBeUndefined()
    expect(origin.requests[0]?.header('expect')).toBeUndefined()
  })
})

describe('a body that waits for the word of the server', () => {
  it.each([
    [100, 'known', undefined],
    [100, 'unknown', undefined],
    [104, 'known', undefined],
    [100, 'unknown', 'good']
  ] as const)('is not sent before %i (length %s, TLS %s)', async (status, length, tls) => {
    await using origin = await startOrigin(tls ? {tls} : {})
    const before: number[] = []
    origin.on(
      '/',
      async (request, reply) => {
        await sleep(80)
        before.push(request.bodyLength)
        await reply.informational(status)
        await request.untilReceived(large.length)
        await reply.respond(200)
      },
      'head'
    )
    const {body} = sentBody({bytes: large, length, piece: 50_000})
    const {outcome} = await recordedSession(patient).get(carrying(origin.url('/'), body))
    expect(outcome.error).toBeUndefined()
    expect(before).toEqual([0])
    expect(origin.requests[0]?.body.equals(large)).toBe(true)
  })

  it('waits no longer than it should, and that server is not asked again', async () => {
    await using origin = await startOrigin()
    const silent: Handler = async (request, reply) => {
      await request.untilReceived(large.length)
      // Too late, but no harm.
      await reply.informational(100)
      await reply.respond(200)
    }
    origin.on('/', silent, 'head')
    const recorded = recordedSession({uploads: {expectTimeout: 0.05}})
    for (let count = 0; count < 2; count++) {
      const {body} = sentBody({bytes: large})
      expect((await recorded.get(carrying(origin.url('/'), body))).outcome.error).toBeUndefined()
    }
    expect(origin.requests.map(request => request.header('expect'))).toEqual(['100-continue', undefined])
    expect(origin.requests.every(request => request.body.equals(large))).toBe(true)
  })

  it('goes out without a question after 417, once, and nobody else is asked there again', async () => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        if (request.header('expect')) return await reply.respond(417, {}, 'I do not do that')
        await request.untilReceived(large.length)
        return await reply.respond(200)
      },
      'head'
    )
    const recorded = recordedSession(patient)
    const first = sentBody({bytes: large})
    const request = carrying(origin.url('/'), first.body, {method: 'POST'})
    expect((await recorded.get(request)).outcome.error).toBeUndefined()
    expect(first.readings).toMatchObject({reasons: ['initial'], open: 0})
    await recorded.get(carrying(origin.url('/'), sentBody({bytes: large}).body))
    expect(origin.requests.map(({bodyLength}) => bodyLength)).toEqual([0, large.length, large.length])
  })

  it('is kept back when the answer is another 417, which is the answer', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(417, {}, 'never'), 'head')
    const {body, readings} = sentBody({bytes: large})
    const {outcome} = await recordedSession(patient).get(carrying(origin.url('/'), body))
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 417, body: 'never'})
    expect(origin.requests).toHaveLength(2)
    expect(readings.open).toBe(0)
  })

  it('is let go of when the task is cancelled meanwhile', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall(), 'head')
    const {body, readings} = sentBody({bytes: large})
    const recorded = recordedSession(patient)
    const task = recorded.session.dataTask(carrying(origin.url('/'), body))
    task.resume()
    await origin.untilRequests(1)
    task.cancel()
    expect((await task.outcome).state).toBe('cancelled')
    expect(readings).toMatchObject({open: 0, pieces: 1})
    await origin.untilIdle()
  })
})

describe('100 (Continue) that nobody asked for', () => {
  const proceed = 'HTTP/1.1 100 Continue\r\nX-Note: go on\r\n\r\n'
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'

  it.each([
    ['once', proceed, 0],
    ['without fields', 'HTTP/1.1 100 Continue\r\n\r\n', 0],
    ['several times', proceed.repeat(5), 0],
    ['among other interim answers', hint + proceed + hint + proceed, 0],
    ['in single bytes', proceed + hint + proceed, 1],
    ['in small pieces', proceed.repeat(3) + hint + proceed, 7]
  ])('is passed over %s', async (_how, interim, split) => {
    for (const tls of [undefined, 'good'] as const) {
      await using origin = await startOrigin(tls ? {tls} : {})
      origin.split = split
      const handle: Handler = async (request, reply) => {
        await reply.raw(interim)
        await reply.respond(200, {}, request.body)
      }
      origin.on('/', handle)
      const recorded = recordedSession({maxConnectionsPerHost: 1})
      expect((await recorded.get(origin.url('/'))).outcome.error).toBeUndefined()
      const bytes = seededBytes(3000, 9)
      const {body} = sentBody({bytes})
      const {outcome, body: received} = await recorded.get(carrying(origin.url('/'), body))
      expect(outcome.error).toBeUndefined()
      expect(received.equals(bytes)).toBe(true)
      expect(origin.connections).toBe(1)
    }
  })

  it.each([
    ['is said without end', proceed],
    ['never comes to its end', 'HTTP/1.1 100 Continue\r\nX-Note: '.padEnd(4096, 'x')]
  ])('ends the transfer when it %s', async (_how, flood) => {
    await using origin = await startOrigin()
    origin.on('/', async (_request, reply) => {
      for (let count = 0; count < 200 && reply.isOpen(); count++) await reply.raw(flood)
      await reply.stall()
    })
    const {outcome} = await recordedSession().get(origin.url('/'))
    expect(outcome.error?.code).toBe('REPLY_MALFORMED')
  })
})
