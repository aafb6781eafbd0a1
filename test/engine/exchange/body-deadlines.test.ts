import {setTimeout as sleep} from 'node:timers/promises'
import {expect, it} from 'vitest'
import type {Handler} from '../../origin/connection.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const unasked = {headers: [['Expect', '']]} as const
const large = seededBytes(20_000_000, 4)

/** Takes a part of the body ten times a second. */
const slowly: Handler = async (request, reply) => {
  for (let taken = 1; taken <= 20; taken++) {
    await request.untilReceived(taken * 900_000)
    request.pause()
    await sleep(100)
    request.resume()
  }
  await request.untilReceived(large.length)
  await reply.respond(200)
}

it.each([undefined, 'good'] as const)(
  'the idle time ends a request whose body nobody takes any more, and says so (TLS %s)',
  async tls => {
    await using origin = await startOrigin(tls ? {tls} : {})
    origin.on(
      '/',
      async request => {
        await request.untilReceived(1)
        request.pause()
        await new Promise(() => {})
      },
      'head'
    )
    const {body, readings} = sentBody({bytes: large, piece: 1 << 20})
    const recorded = recordedSession({timeouts: {idle: 0.3}})
    const {outcome, task} = await recorded.get(carrying(origin.url('/'), body, unasked))
    expect(outcome.error).toMatchObject({code: 'TIMED_OUT', message: 'The server took nothing for 0.3 s'})
    const [metrics] = task.metrics?.transactionMetrics ?? []
    expect(metrics?.countOfRequestBodyBytesSent).toBeLessThan(large.length)
    expect(readings.open).toBe(0)
  }
)

it('after the whole body the idle time is for the answer, and begins anew', async () => {
  await using origin = await startOrigin()
  origin.on('/', (_request, reply) => reply.stall())
  const bytes = seededBytes(10_000, 1)
  const {body} = sentBody({bytes, piece: 1000, before: () => sleep(50)})
  const recorded = recordedSession({timeouts: {idle: 0.3}})
  const {outcome, task} = await recorded.get(carrying(origin.url('/'), body))
  expect(outcome.error).toMatchObject({code: 'TIMED_OUT', message: 'Nothing was received for 0.3 s'})
  expect(origin.requests[0]?.bodyState).toBe('whole')
  const [metrics] = task.metrics?.transactionMetrics ?? []
  expect(metrics?.countOfRequestBodyBytesSent).toBe(bytes.length)
  expect((metrics?.requestEnd ?? 0) - (metrics?.requestStart ?? 0)).toBeGreaterThan(400)
})

it('a body that is taken slowly moves, although no piece of it is through', async () => {
  await using origin = await startOrigin()
  origin.on('/', slowly, 'head')
  const {body} = sentBody({bytes: large, piece: large.length})
  const recorded = recordedSession({timeouts: {idle: 1}})
  const {outcome, task} = await recorded.get(carrying(origin.url('/'), body, unasked))
  expect(outcome.error).toBeUndefined()
  expect((task.ended ?? 0) - (task.started ?? 0)).toBeGreaterThan(1500)
})

it.each([
  [1_000_000_000, 'TIMED_OUT'],
  [100_000, undefined]
])('the low-speed rule counts what is sent (%i bytes a second: %s)', async (lowSpeed, code) => {
  await using origin = await startOrigin()
  origin.on('/', slowly, 'head')
  const {body} = sentBody({bytes: large, piece: 1 << 20})
  const recorded = recordedSession({limits: {lowSpeed, lowSpeedTime: 0.5}})
  const {outcome} = await recorded.get(carrying(origin.url('/'), body, unasked))
  expect(outcome.error?.code).toBe(code)
})

it('the time that the source of the body takes is not held against the server', async () => {
  await using origin = await startOrigin()
  origin.on('/', (_request, reply) => reply.respond(200))
  const before = (position: number) => (position === 0 ? undefined : sleep(600))
  const {body} = sentBody({bytes: seededBytes(200_000, 1), piece: 100_000, before})
  const recorded = recordedSession({
    timeouts: {idle: 0.2},
    limits: {lowSpeed: 1_000_000, lowSpeedTime: 0.2}
  })
  expect((await recorded.get(carrying(origin.url('/'), body))).outcome.error).toBeUndefined()
})

it('neither is the time in which the server decides whether it wants the body', async () => {
  await using origin = await startOrigin()
  origin.on(
    '/',
    async (request, reply) => {
      await sleep(500)
      await reply.informational(100)
      await request.untilReceived(large.length)
      await reply.respond(200)
    },
    'head'
  )
  const {body} = sentBody({bytes: large})
  const recorded = recordedSession({timeouts: {idle: 0.25}, uploads: {expectTimeout: 30}})
  expect((await recorded.get(carrying(origin.url('/'), body))).outcome.error).toBeUndefined()
})
