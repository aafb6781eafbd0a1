import {setImmediate} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import {echo, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {recordedSession} from './recorded-session.ts'

describe('a task', () => {
  it('starts suspended, runs once resumed however often, and ends completed [R18, T1, T2, 3A 27]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    expect(task.state).toBe('suspended')
    expect(recorded.order(task)).toEqual(['didCreateTask'])
    task.resume()
    task.resume()
    expect(task.state).toBe('running')
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(task.state).toBe('completed')
    expect(recorded.count('didStartTask', task)).toBe(1)
    expect(origin.requests).toHaveLength(1)
  })

  it('waits in between attempts, is told so, and runs again [T3]', async () => {
    await using origin = await startOrigin()
    origin.script('/', [respond(503), respond(200, {}, 'x')])
    const states: string[] = []
    const recorded = recordedSession(
      {retry: {attempts: 1}},
      {
        taskIsWaiting: task => void setImmediate().then(() => states.push(task.state)),
        didReceiveResponse: task => {
          states.push(task.state)
          return 'allow'
        }
      }
    )
    const {outcome} = await recorded.get(origin.url('/'))
    expect(outcome.state).toBe('completed')
    expect(states).toEqual(['waiting', 'running'])
  })

  it('is cancelled for good: one end, with an error that names the address [3A 24, R24, R56, T8]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall())
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    task.resume()
    await origin.untilRequests(1)
    task.cancel()
    expect(task.state).toBe('canceling')
    task.cancel()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED', url: origin.url('/')}})
    expect(outcome.resumeData).toBeUndefined()
    expect(recorded.count('didCompleteWithError', task)).toBe(1)
  })

  it('never leaves an end: neither resume nor cancel changes what has completed [T14, R24, 3A 77]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession()
    const {task, outcome} = await recorded.get(origin.url('/'))
    const calls = recorded.calls.length
    task.cancel()
    task.resume()
    await setImmediate()
    expect(task.state).toBe('completed')
    expect(task.result).toBe(outcome)
    expect(recorded.calls).toHaveLength(calls)
    expect(origin.requests).toHaveLength(1)
  })

  it('that was cancelled before its start never connects [3A 77, wrong 16]', async () => {
    await using origin = await startOrigin()
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    task.cancel()
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(origin.connections).toBe(0)
    expect(recorded.order(task)).toEqual(['didCreateTask', 'didCompleteWithError'])
  })

  it('that waits for room is cancelled without being started [T8]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall())
    const recorded = recordedSession({maxParallelTasks: 1})
    const [first, second] = [0, 1].map(() => recorded.session.dataTask(urlRequest(origin.url('/'))))
    first?.resume()
    second?.resume()
    second?.cancel()
    expect(await second?.outcome).toMatchObject({state: 'cancelled'})
    first?.cancel()
    await first?.outcome
    expect(recorded.count('didStartTask')).toBe(1)
  })

  it('that is cancelled in the instant of its start ends once, although the port is dead [3A 76]', async () => {
    const recorded = recordedSession({maxParallelTasks: 100})
    const tasks = Array.from({length: 100}, () =>
      recorded.session.dataTask(urlRequest('http://127.0.0.1:1/'))
    )
    for (const task of tasks) {
      task.resume()
      task.cancel()
    }
    for (const task of tasks) expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(recorded.count('didCompleteWithError')).toBe(100)
  })

  it('that is cancelled in the instant of its start asks nothing, although the server would answer [wrong 16]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall())
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    task.resume()
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(origin.requests).toHaveLength(0)
  })

  it('that is cancelled while it waits for its next attempt ends at once and asks no more [3D 105, T14]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(503))
    const recorded = recordedSession(
      {retry: {attempts: 5, delay: 3600}},
      {taskIsWaiting: task => void setImmediate().then(() => task.cancel())}
    )
    const {outcome} = await recorded.get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(origin.requests).toHaveLength(1)
  })

  it('that is cancelled at the last byte has exactly one end, whichever wins [races]', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(100_000, 7)})
    const recorded = recordedSession(
      {},
      {
        didReceiveData: task => {
          if (task.countOfBytesReceived === 100_000) task.cancel()
        }
      }
    )
    const {task, outcome} = await recorded.get(origin.url('/'))
    expect(['completed', 'cancelled']).toContain(outcome.state)
    expect(task.state).toBe(outcome.state)
    expect(recorded.count('didCompleteWithError', task)).toBe(1)
    expect(recorded.order(task).at(-1)).toBe('didCompleteWithError')
  })

  it('settles at once when it is cancelled while its connection is being made [wrong 16]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.welcome = 'stall'
    const recorded = recordedSession({timeouts: {connect: 600, idle: 600}})
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    task.resume()
    while (origin.connections === 0) await new Promise(resolve => setTimeout(resolve, 5))
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
  })

  it('keeps its first request beside the one under way [P29]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', respond(302, {location: '/b'}))
    origin.on('/b', echo)
    const {task} = await recordedSession().get(origin.url('/a'))
    expect(task.originalRequest.url.pathname).toBe('/a')
    expect(task.currentRequest.url.pathname).toBe('/b')
    expect(task.response?.url.pathname).toBe('/b')
  })

  it('ends when the whole of it takes longer than allowed, waiting included [P4, wrong 14]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(503))
    const recorded = recordedSession({timeouts: {total: 0.15}, retry: {attempts: 1000, delay: 0.02}})
    const {outcome} = await recorded.get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}})
    expect(origin.requests.length).toBeGreaterThan(1)
  })
})
