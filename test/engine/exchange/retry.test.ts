import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {SessionDelegate, Task, Waiting} from '../../../src/engine/index.ts'
import {RetryBudget} from '../../../src/engine/exchange/retry-policy.ts'
import {TransferError} from '../../../src/engine/transfer-error.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'
import type {RecordedSession} from '../recorded-session.ts'

const twice = {retry: {attempts: 2, delay: 0.01}}

function waitings(recorded: RecordedSession): Waiting[] {
  return recorded.calls.filter(({name}) => name === 'taskIsWaiting').map(({value}) => value as Waiting)
}

describe('a failed attempt', () => {
  it('is followed by others until one succeeds, each one told [R51, 3D 105]', async () => {
    await using origin = await startOrigin()
    origin.script('/', [respond(503), respond(503), respond(200, {}, 'at last')])
    const recorded = recordedSession(twice)
    const {outcome, body} = await recorded.get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect(body.toString()).toBe('at last')
    expect(origin.requests).toHaveLength(3)
    expect(waitings(recorded)).toMatchObject([
      {reason: 'retry', error: {status: 503}},
      {reason: 'retry', error: {status: 503}}
    ])
  })

  it('is what the task waits after, until the next attempt or a stop', async () => {
    await using origin = await startOrigin()
    const seen: unknown[] = []
    const look = (task: Task): void => void seen.push(task.waitsAfter?.status)
    origin.script('/', [respond(503), respond(200, {}, 'at last')])
    const delegate: SessionDelegate = {
      taskIsWaiting: task => void setImmediate(look, task),
      didReceiveData: look
    }
    await recordedSession({retry: {attempts: 2, delay: 0.05}}, delegate).get(origin.url('/'))
    expect(seen).toEqual([503, undefined])
    origin.on('/stopped', respond(503))
    const stopping: SessionDelegate = {taskIsWaiting: task => void setImmediate(() => task.cancel())}
    const patient = {retry: {attempts: 2, delay: 3600}}
    const {task, outcome} = await recordedSession(patient, stopping).get(origin.url('/stopped'))
    expect([outcome.state, task.waitsAfter]).toEqual(['cancelled', undefined])
  })

  it('is the end when the attempts are spent, and its failure is the outcome [R51]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(500, {}, 'broken'))
    const {outcome} = await recordedSession(twice).get(origin.url('/'))
    expect(outcome).toMatchObject({
      state: 'failed',
      error: {code: 'HTTP_STATUS', status: 500, body: 'broken'}
    })
    expect(origin.requests).toHaveLength(3)
  })

  it.each([400, 401, 403, 404, 410, 416, 501])(
    'with status %i is not tried again [R51, 3D 105]',
    async status => {
      await using origin = await startOrigin()
      origin.on('/', respond(status))
      await recordedSession(twice).get(origin.url('/'))
      expect(origin.requests).toHaveLength(1)
    }
  )

  it.each([408, 429, 500, 502, 503, 504])('with status %i is tried again [R51, 3D 105]', async status => {
    await using origin = await startOrigin()
    origin.on('/', respond(status))
    await recordedSession(twice).get(origin.url('/'))
    expect(origin.requests).toHaveLength(3)
  })

  it('with any status is tried again where that was asked for', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(404))
    await recordedSession({retry: {...twice.retry, allErrors: true}}).get(origin.url('/'))
    expect(origin.requests).toHaveLength(3)
  })

  it('of a malformed answer is not tried again', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'x', fault: {lie: 'junkStatusLine'}})
    await recordedSession(twice).get(origin.url('/'))
    expect(origin.requests).toHaveLength(1)
  })

  it('to connect is tried again whatever the method: nothing was sent', async () => {
    const origin = await startOrigin()
    const request = urlRequest(origin.url('/'), {method: 'POST'})
    await origin.close()
    const recorded = recordedSession(twice)
    await recorded.get(request)
    expect(waitings(recorded)).toHaveLength(2)
  })

  it('of a data task is not tried again once bytes were handed over: they cannot be taken back', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: 'some text', fault: {cutAfter: 4}})
    const {outcome, body} = await recordedSession(twice).get(origin.url('/'))
    expect(outcome.error?.code).toBe('TRANSFER_TRUNCATED')
    expect(body.toString()).toBe('some')
    expect(origin.requests).toHaveLength(1)
  })

  it('of a method that is not idempotent is not tried again, unless all errors are to be [3D 105]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(503))
    const request = urlRequest(origin.url('/'), {method: 'POST'})
    await recordedSession(twice).get(request)
    expect(origin.requests).toHaveLength(1)
    await recordedSession({retry: {...twice.retry, allErrors: true}}).get(request)
    expect(origin.requests).toHaveLength(4)
  })
})

describe('the delay before the next attempt', () => {
  it('is what the server asks for, instead of our own [fault 22]', async () => {
    await using origin = await startOrigin()
    origin.script('/', [respond(503, {'retry-after': '0'}), respond(200, {}, 'x')])
    const recorded = recordedSession({retry: {attempts: 1, delay: 3600}})
    expect((await recorded.get(origin.url('/'))).outcome.state).toBe('completed')
    expect(waitings(recorded)).toMatchObject([{delay: 0}])
  })

  it('that would lead beyond the time for retries ends the task at once [fault 22]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(503, {'retry-after': '30'}))
    const {outcome} = await recordedSession({retry: {attempts: 5, maxTime: 10}}).get(origin.url('/'))
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 503, retryAfter: 30_000})
    expect(origin.requests).toHaveLength(1)
  })

  it('counts what earlier processes have used of that time', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(503))
    const recorded = recordedSession({retry: {attempts: 1, delay: 0.01, maxTime: 10}})
    await recorded.get(origin.url('/'), {spent: 10_000})
    expect(origin.requests).toHaveLength(1)
    await recorded.get(origin.url('/'), {spent: 1000})
    expect(origin.requests).toHaveLength(3)
  })

  const rules = {attempts: 5, delay: undefined, maxTime: undefined, allErrors: false}
  const failure = {error: new TransferError('RECEIVE_FAILED', 'reset'), gained: false, elapsed: 0}

  it('doubles from half a second, with at most a quarter more by chance [3D 105]', () => {
    const plain = new RetryBudget(rules, {random: () => 0})
    expect([1, 2, 3, 4, 5, 6].map(() => plain.delayAfter(failure))).toEqual([
      500,
      1000,
      2000,
      4000,
      8000,
      undefined
    ])
    const unlucky = new RetryBudget(rules, {random: () => 0.999})
    expect(unlucky.delayAfter(failure)).toBeLessThanOrEqual(625)
  })

  it('begins anew with every new byte, so that a bad line cannot end what moves', () => {
    const budget = new RetryBudget({...rules, attempts: 2}, {random: () => 0})
    const delays = Array.from({length: 10}, () => budget.delayAfter({...failure, gained: true}))
    expect(delays).toEqual(Array.from({length: 10}, () => 500))
  })

  it('doubles up to five minutes where it is tried without end, and never gives up [B6]', () => {
    const endless = new RetryBudget({...rules, maxTime: 1}, {endurance: 'endless', random: () => 1})
    const delays = Array.from({length: 2000}, () => endless.delayAfter({...failure, elapsed: 9e9}))
    expect(delays.slice(0, 3)).toEqual([625, 1250, 2500])
    expect(delays.at(-1)).toBe(300_000)
    expect(Math.max(...delays.map(delay => delay ?? Infinity))).toBe(300_000)
  })

  it('of one’s own holds as often as there would be attempts, then it doubles: no server is asked without a pause [B6]', () => {
    const endless = new RetryBudget(
      {...rules, attempts: 2, delay: 0},
      {endurance: 'endless', random: () => 0}
    )
    expect([1, 2, 3, 4, 5].map(() => endless.delayAfter(failure))).toEqual([0, 0, 500, 1000, 2000])
    expect(endless.delayAfter({...failure, gained: true})).toBe(0)
  })

  it.each(['HTTP_STATUS', 'REPLY_MALFORMED'] as const)(
    'comes only so often for an answer, whatever the network did before: %s [B6]',
    code => {
      const counted = {...rules, attempts: 2, allErrors: true}
      const endless = new RetryBudget(counted, {endurance: 'endless', random: () => 0})
      const answer = {...failure, error: new TransferError(code, 'no', {status: 503})}
      for (let count = 0; count < 9; count += 1) endless.delayAfter(failure)
      expect([1, 2, 3].map(() => endless.delayAfter(answer))).toEqual([500, 1000, undefined])
      expect(endless.delayAfter(failure)).toBeDefined()
    }
  )

  it.each(['-5', 'junk', '1e12', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'is our own when the server says %j [fault 22]',
    async retryAfter => {
      await using origin = await startOrigin()
      origin.script('/', [respond(503, {'retry-after': retryAfter}), respond(200, {}, 'x')])
      const recorded = recordedSession({retry: {attempts: 1, delay: 0.01}})
      expect((await recorded.get(origin.url('/'))).outcome.state).toBe('completed')
    }
  )
})
