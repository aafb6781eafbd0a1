import {describe, expect, it} from 'vitest'
import {echo, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {OriginOptions} from '../../origin/origin.ts'
import type {Fault, Resource} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import type {Received} from '../recorded-session.ts'

async function fetchBroken(
  fault: Fault,
  resource: Partial<Resource> = {},
  options: OriginOptions = {}
): Promise<Received> {
  await using origin = await startOrigin(options)
  origin.serve('/', {body: seededBytes(20_000, 1), fault, ...resource})
  return await recordedSession().get(origin.url('/'))
}

describe('a server that cannot be reached', () => {
  it('refuses the connection: tried again, then an error that names the port [fault 1]', async () => {
    const origin = await startOrigin()
    const [address, port] = [origin.url('/'), origin.port]
    await origin.close()
    const recorded = recordedSession({retry: {attempts: 2}})
    const {task, outcome} = await recorded.get(address)
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'CONNECT_FAILED', url: address}})
    expect(outcome.error?.message).toContain(`port ${port}`)
    expect(recorded.count('taskIsWaiting', task)).toBe(2)
  })

  it('has a name that does not exist [fault 15]', async () => {
    const {outcome} = await recordedSession().get(`http://${'x'.repeat(64)}.localhost/`)
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HOST_NOT_RESOLVED'}})
  })

  it('is not there on IPv6 when it listens on IPv4 only, which is no bad address [3A 15]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const {outcome} = await recordedSession().get(`http://[::1]:${origin.port}/`)
    expect(outcome.error?.code).toBe('CONNECT_FAILED')
  })

  it('is found on IPv4 when the name has a dead IPv6 address as well, within a second [fault 16]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'x'))
    const resolve = {[`both.invalid:${origin.port}`]: ['::1', '127.0.0.1']}
    const recorded = recordedSession({timeouts: {connect: 1}, network: {resolve}})
    const {outcome} = await recorded.get(`http://both.invalid:${origin.port}/`)
    expect(outcome.state).toBe('completed')
  })

  it('hangs up on each connection before an answer [security 6.15]', async () => {
    await using origin = await startOrigin()
    origin.welcome = 'close'
    const closed = await recordedSession().get(origin.url('/'))
    expect(closed.outcome.error?.code).toBe('EMPTY_REPLY')
    origin.welcome = 'reset'
    const reset = await recordedSession().get(origin.url('/'))
    expect(reset.outcome.error?.code).toMatch(/^(RECEIVE_FAILED|EMPTY_REPLY|SEND_FAILED|CONNECT_FAILED)$/)
  })
})

describe('an answer that ends too early is never a success', () => {
  it.each([0, 1, 12_345, 19_999])(
    'closed %i bytes into an announced length [fault 4, D20]',
    async cutAfter => {
      const {outcome, body} = await fetchBroken({cutAfter})
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
      expect(body.equals(seededBytes(20_000, 1).subarray(0, cutAfter))).toBe(true)
    }
  )

  it.each([0, 12_345])('reset %i bytes into an announced length [fault 5]', async resetAfter => {
    const {outcome} = await fetchBroken({resetAfter})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'RECEIVE_FAILED'}})
  })

  it('reset in a body that only the close would have ended [fault 6, fact 5]', async () => {
    const {outcome} = await fetchBroken({resetAfter: 12_345}, {framing: 'close'})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'RECEIVE_FAILED'}})
  })

  it.each([{cutAfter: 12_345}, {resetAfter: 12_345}, {cutAfter: 20_000}, {resetAfter: 20_000}])(
    'without the last chunk, although the server had said it would close: %j [fault 8, CVE 55]',
    async fault => {
      const {outcome} = await fetchBroken(fault, {framing: 'chunked', headers: {connection: 'close'}})
      expect(outcome.state).toBe('failed')
      expect(outcome.error?.code).toBe('cutAfter' in fault ? 'TRANSFER_TRUNCATED' : 'RECEIVE_FAILED')
    }
  )

  it('long enough to bypass the parser, closed or reset [fault 4, fault 5]', async () => {
    const resource = {body: seededBytes(2_000_000, 1)}
    const closed = await fetchBroken({cutAfter: 1_500_000}, resource)
    expect(closed.outcome.error?.code).toBe('TRANSFER_TRUNCATED')
    expect(closed.body.equals(resource.body.subarray(0, 1_500_000))).toBe(true)
    const reset = await fetchBroken({resetAfter: 1_500_000}, resource)
    expect(reset.outcome.error?.code).toBe('RECEIVE_FAILED')
  })

  it('cut below TLS inside an announced length, short or long', async () => {
    const short = await fetchBroken({tlsCutAfter: 12_345}, {}, {tls: 'good'})
    expect(short.outcome.state).toBe('failed')
    const body = seededBytes(2_000_000, 1)
    const long = await fetchBroken({tlsCutAfter: 1_500_000}, {body}, {tls: 'good'})
    expect(long.outcome.state).toBe('failed')
  })

  it('cut below TLS without a length is told apart from a proven end [fault 7]', async () => {
    const {outcome} = await fetchBroken({tlsCutAfter: 12_345}, {framing: 'close'}, {tls: 'good'})
    const isHonest = outcome.state === 'failed' || outcome.note === 'unannouncedLength'
    expect(isHonest).toBe(true)
  })
})

describe('bytes after the announced end', () => {
  it.each([20_000, 2_000_000])('are not part of a body of %i bytes [fault 38, D19]', async size => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(size, 1), fault: {extraBytes: 100}})
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    const first = await recorded.get(origin.url('/'))
    expect(first.outcome.state).toBe('completed')
    expect(first.body.equals(seededBytes(size, 1))).toBe(true)
    expect((await recorded.get(origin.url('/'))).body.equals(first.body)).toBe(true)
  })

  it.each([20_000, 1_100_000])('in the same write as the last %i are cut off', async size => {
    await using origin = await startOrigin()
    const sent = seededBytes(size + 100, 1)
    origin.on('/', (_request, reply) => {
      void reply.head(200, {'content-length': String(size)})
      void reply.raw(sent)
      return reply.fin()
    })
    const {outcome, body, task} = await recordedSession().get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect(body.equals(sent.subarray(0, size))).toBe(true)
    expect(task.countOfBytesReceived).toBe(size)
  })

  it('that look like an answer are never taken for the next one [CVE 54]', async () => {
    await using origin = await startOrigin()
    origin.on('*', async (request, reply) => {
      await reply.respond(200, {}, request.path)
      setTimeout(() => void reply.raw('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'), 20)
    })
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    for (const path of ['/1', '/2', '/3']) {
      expect((await recorded.get(origin.url(path))).body.toString()).toBe(path)
      await new Promise(resolve => setTimeout(resolve, 40))
    }
  })
})

describe('a kept connection', () => {
  it('that was closed when it is used again costs one silent replay [fault 18, security 6.15]', async () => {
    await using origin = await startOrigin()
    origin.script('/', [
      respond(200, {}, 'first'),
      (_request, reply) => reply.fin(),
      respond(200, {}, 'second')
    ])
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/'))
    const {task, outcome, body} = await recorded.get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect(body.toString()).toBe('second')
    expect(recorded.count('taskIsWaiting', task)).toBe(0)
    expect(origin.requests).toHaveLength(3)
  })

  it('is not replayed a second time, nor for a fresh connection', async () => {
    await using origin = await startOrigin()
    origin.script('/', [respond(200, {}, 'first'), (_request, reply) => reply.fin()])
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/'))
    expect((await recorded.get(origin.url('/'))).outcome.error?.code).toBe('EMPTY_REPLY')
    expect(origin.requests).toHaveLength(3)
    await recordedSession().get(origin.url('/'))
    expect(origin.requests).toHaveLength(4)
  })

  it('that the server announced to close is not used again', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {connection: 'close'}, 'x'))
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    for (let count = 0; count < 3; count++) {
      expect((await recorded.get(origin.url('/'))).outcome.state).toBe('completed')
    }
    expect(origin.connections).toBe(3)
  })
})
