import {describe, expect, it} from 'vitest'
import {echo, redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Fault} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'

const body = seededBytes(20_000, 1)

describe('the idle time', () => {
  it.each<[string, Fault]>([
    ['before the head [3A 31, P3]', {holdHead: new Promise(() => {})}],
    ['in the middle of the body [fault 9]', {stallAfter: 10_000}],
    ['after a head that drips for ever [fault 10]', {headDrip: {bytes: 1, everyMs: 20}}]
  ])('ends a task %s', async (_where, fault) => {
    await using origin = await startOrigin()
    origin.serve('/', {body, fault})
    const {outcome} = await recordedSession({timeouts: {idle: 0.2}}).get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT', url: origin.url('/')}})
  })

  it('ends a task in a body so long that it bypasses the parser [fault 9]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(2_000_000, 1), fault: {stallAfter: 1_500_000}})
    const {outcome} = await recordedSession({timeouts: {idle: 0.2}}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('TIMED_OUT')
  })

  it('is no total time: a body that keeps coming may take longer [3A 30, wrong 14]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: body.subarray(0, 100), fault: {drip: {bytes: 5, everyMs: 30}}})
    const {outcome, task} = await recordedSession({timeouts: {idle: 0.4}}).get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect((task.ended ?? 0) - (task.started ?? 0)).toBeGreaterThan(400)
  })

  it('does not run while the delegate holds the data back [P3]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(2_000_000, 1)})
    let held = 0
    const recorded = recordedSession(
      {timeouts: {idle: 0.15}},
      {
        didReceiveData: () => (held++ === 1 ? new Promise(resolve => setTimeout(resolve, 400)) : undefined)
      }
    )
    expect((await recorded.get(origin.url('/'))).outcome.state).toBe('completed')
    expect(held).toBeGreaterThan(1)
  })

  it('holds for each hop of a chain of redirections [3A 46, wrong 14]', async () => {
    await using origin = await startOrigin()
    origin.on('/1', redirect(302, '/2'))
    origin.on('/2', redirect(302, '/3'))
    origin.on('/3', (_request, reply) => reply.stall())
    const {outcome} = await recordedSession({timeouts: {idle: 0.2}}).get(origin.url('/1'))
    expect(outcome.error).toMatchObject({code: 'TIMED_OUT', url: origin.url('/3')})
  })

  it('takes fractions of a second as they are [3A 31, wrong 14]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body, fault: {delayHead: 900}})
    const {outcome} = await recordedSession({timeouts: {idle: 0.1}}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('TIMED_OUT')
  })
})

describe('the time for connecting', () => {
  it('ends a task whose server takes the connection but never finishes the handshake [3A 32, fault 2]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.welcome = 'stall'
    const {outcome} = await recordedSession({timeouts: {connect: 0.2}}).get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}})
  })

  it('does not end a task that is connected', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'x', fault: {delayHead: 300}})
    const {outcome} = await recordedSession({timeouts: {connect: 0.15}}).get(origin.url('/'))
    expect(outcome.state).toBe('completed')
  })
})

describe('the low-speed rule', () => {
  it('ends a body that drips for ever, which the idle time never would [fault 11]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body, fault: {drip: {bytes: 1, everyMs: 20}}})
    const limits = {lowSpeed: 10_000, lowSpeedTime: 0.3}
    const {outcome} = await recordedSession({limits}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('TIMED_OUT')
    expect(outcome.error?.message).toContain('slower')
  })

  it('lets a fast one pass', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(60_000, 1), fault: {limit: 100_000}})
    const limits = {lowSpeed: 10_000, lowSpeedTime: 0.2}
    expect((await recordedSession({limits}).get(origin.url('/'))).outcome.state).toBe('completed')
  })
})

describe('interim answers', () => {
  it('are passed over, a few of them', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'final', fault: {informational: 30}})
    const recorded = recordedSession()
    const {task, body: received} = await recorded.get(origin.url('/'))
    expect(received.toString()).toBe('final')
    expect(recorded.count('didReceiveResponse', task)).toBe(1)
  })

  it.each([33, 'endless'] as const)(
    'end a task when there are too many (%s) [fault 12, fact 8]',
    async informational => {
      await using origin = await startOrigin()
      origin.serve('/', {body: 'final', fault: {informational}})
      const {outcome} = await recordedSession().get(origin.url('/'))
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'REPLY_MALFORMED'}})
    }
  )

  it('do not start the idle time anew [fact 8]', async () => {
    await using origin = await startOrigin()
    origin.on('/', async (_request, reply) => {
      for (let count = 0; count < 20; count++) {
        await reply.informational(103)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
      await reply.respond(200, {}, 'late')
    })
    const {outcome} = await recordedSession({timeouts: {idle: 0.3}}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('TIMED_OUT')
  })
})

describe('waiting for connectivity', () => {
  it('fails at once unless it was asked for [P7, 3D 106]', async () => {
    const origin = await startOrigin()
    const address = origin.url('/')
    await origin.close()
    const {outcome} = await recordedSession().get(address)
    expect(outcome.error?.code).toBe('CONNECT_FAILED')
  })

  it('goes on until the server is there, and tells it once [R51, P7, 3D 106, T3]', async () => {
    const first = await startOrigin()
    const {port} = first
    await first.close()
    const recorded = recordedSession({waitsForConnectivity: true})
    const waiting = recorded.get(`http://127.0.0.1:${port}/`)
    await new Promise(resolve => setTimeout(resolve, 50))
    await using origin = await startOrigin({port})
    origin.on('/', echo)
    const {task, outcome} = await waiting
    expect(outcome.state).toBe('completed')
    expect(recorded.count('taskIsWaiting', task)).toBe(1)
  })

  it('ends with the total time [3D 106, P4]', async () => {
    const origin = await startOrigin()
    const address = origin.url('/')
    await origin.close()
    const changes = {waitsForConnectivity: true, timeouts: {total: 0.2}}
    const {outcome} = await recordedSession(changes).get(address)
    expect(outcome.error?.code).toBe('TIMED_OUT')
  })

  it('does not mean an HTTP error [3D 106]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(404))
    const {outcome} = await recordedSession({waitsForConnectivity: true}).get(origin.url('/'))
    expect(outcome.error?.code).toBe('HTTP_STATUS')
    expect(origin.requests).toHaveLength(1)
  })
})
