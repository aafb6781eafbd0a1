import {describe, expect, it} from 'vitest'
import {DataTask, DownloadTask, Session, urlRequest} from '../../src/engine/index.ts'
import {echo, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {quickConfiguration, recordedSession} from './recorded-session.ts'

describe('a session', () => {
  it('makes tasks of the kind that was asked for, each with an id that no other has [R1, R22]', () => {
    const {session} = recordedSession()
    const other = new Session(quickConfiguration())
    const request = urlRequest('http://127.0.0.1:1/')
    const tasks = [
      session.dataTask(request),
      session.dataTask(request),
      session.downloadTask(request, {directory: scratchFolder()}),
      other.dataTask(request)
    ]
    expect(tasks.map(({kind}) => kind)).toEqual(['data', 'data', 'download', 'data'])
    expect(tasks[0]).toBeInstanceOf(DataTask)
    expect(tasks[2]).toBeInstanceOf(DownloadTask)
    expect(new Set(tasks.map(({id}) => id)).size).toBe(4)
  })

  it('knows the tasks that have not ended, the unstarted ones included, and forgets the ended ones [3A 71, 3C 94]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession()
    const waiting = recorded.session.dataTask(urlRequest(origin.url('/')))
    await recorded.get(origin.url('/'))
    expect(recorded.session.tasks).toEqual([waiting])
    waiting.cancel()
    await waiting.outcome
    expect(recorded.session.tasks).toEqual([])
  })

  it('lets no byte out before a task is resumed [R18, T1]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    expect(task.state).toBe('suspended')
    await recorded.get(origin.url('/'))
    expect(origin.requests).toHaveLength(1)
    task.resume()
    await task.outcome
    expect(origin.requests).toHaveLength(2)
  })

  it('runs several transfers at once and gives each its own bytes [R23, 3A 58, 3C 93]', async () => {
    await using origin = await startOrigin()
    const recorded = recordedSession({maxParallelTasks: 10})
    const bodies = Array.from({length: 10}, (_, index) => seededBytes(10_000 + index, index))
    for (const [index, body] of bodies.entries()) origin.serve(`/${index}`, {body})
    const results = await Promise.all(bodies.map((_, index) => recorded.get(origin.url(`/${index}`))))
    expect(results.map(({body}) => body.toString('base64'))).toEqual(
      bodies.map(body => body.toString('base64'))
    )
    expect(recorded.count('didCreateTask')).toBe(10)
    expect(recorded.count('didCompleteWithError')).toBe(10)
    expect(recorded.session.tasks).toEqual([])
  })

  it('never has more connections to one host than allowed, however many tasks there are [R23, P18]', async () => {
    await using origin = await startOrigin()
    origin.on('/', async (_request, reply) => {
      await new Promise(resolve => setTimeout(resolve, 10))
      await reply.respond(200, {}, 'x')
    })
    const recorded = recordedSession({maxConnectionsPerHost: 2, maxParallelTasks: 20})
    const results = await Promise.all(Array.from({length: 20}, () => recorded.get(origin.url('/'))))
    expect(results.every(({outcome}) => outcome.state === 'completed')).toBe(true)
    expect(origin.peakConnections).toBe(2)
  })

  it('starts no more tasks at once than allowed, the more important ones first [R23, P27]', async () => {
    await using origin = await startOrigin()
    const gate = Promise.withResolvers<void>()
    origin.serve('/gate', {body: 'x', fault: {holdHead: gate.promise}})
    origin.on('*', echo)
    const recorded = recordedSession({maxParallelTasks: 1})
    const first = recorded.get(origin.url('/gate'))
    const later = [0.25, 0.5, 0.75].map(priority => recorded.get(origin.url(`/${priority}`), {priority}))
    await origin.untilRequests(1)
    expect(recorded.count('didStartTask')).toBe(1)
    gate.resolve()
    await Promise.all([first, ...later])
    expect(origin.requests.map(({path}) => path)).toEqual(['/gate', '/0.75', '/0.5', '/0.25'])
  })

  it('uses one connection again for hundreds of requests [3A 33]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'small'))
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    const results = await Promise.all(Array.from({length: 300}, () => recorded.get(origin.url('/'))))
    expect(results.every(({body}) => body.toString() === 'small')).toBe(true)
    expect(origin.connections).toBe(1)
    expect(results.at(-1)?.task.metrics?.transactionMetrics[0]).toMatchObject({
      isReusedConnection: true,
      connectEnd: undefined,
      status: 200
    })
  })

  it('without a delegate transfers all the same [3A 3, R14]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'USA'))
    const session = new Session(quickConfiguration())
    const task = session.dataTask(urlRequest(origin.url('/')))
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed', response: {status: 200}})
    expect(task.countOfBytesReceived).toBe(3)
    await session.invalidateAndCancel()
  })
})
