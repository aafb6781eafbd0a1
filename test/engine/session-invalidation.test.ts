import {execFile} from 'node:child_process'
import {once} from 'node:events'
import {createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {promisify} from 'node:util'
import {describe, expect, it, onTestFinished} from 'vitest'
import {Session, TransferError, urlRequest} from '../../src/engine/index.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {quickConfiguration, recordedSession} from './recorded-session.ts'

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof TransferError ? error.code : String(error)
  }
  return undefined
}

describe('finishTasksAndInvalidate', () => {
  it('lets running tasks finish, takes no new ones, and then says so once and last [R59, 3A 21, B12]', async () => {
    await using origin = await startOrigin()
    const gate = Promise.withResolvers<void>()
    origin.serve('/', {body: 'whole', fault: {holdHead: gate.promise}})
    const recorded = recordedSession()
    const running = recorded.get(origin.url('/'))
    await origin.untilRequests(1)
    const invalid = recorded.session.finishTasksAndInvalidate()
    const request = urlRequest(origin.url('/'))
    expect(codeOf(() => recorded.session.dataTask(request))).toBe('SESSION_INVALIDATED')
    expect(codeOf(() => recorded.session.downloadTask(request, {directory: scratchFolder()}))).toBe(
      'SESSION_INVALIDATED'
    )
    await expect(recorded.session.downloadTaskWithResumeData('/nowhere')).rejects.toMatchObject({
      code: 'SESSION_INVALIDATED'
    })
    gate.resolve()
    await expect(running).resolves.toMatchObject({outcome: {state: 'completed'}})
    await invalid
    expect(recorded.order().slice(-2)).toEqual(['didCompleteWithError', 'didBecomeInvalidWithError'])
    expect(origin.requests).toHaveLength(1)
  })

  it('still starts the tasks that were resumed and wait for room [R59]', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(200, {}, 'x'))
    const recorded = recordedSession({maxParallelTasks: 1})
    const results = Promise.all(['/1', '/2', '/3'].map(path => recorded.get(origin.url(path))))
    await recorded.session.finishTasksAndInvalidate()
    expect((await results).map(({outcome}) => outcome.state)).toEqual(['completed', 'completed', 'completed'])
  })

  it('does not wait for ever for a task that nobody will start: it is cancelled [semantics 2.6]', async () => {
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest('http://127.0.0.1:1/'))
    await recorded.session.finishTasksAndInvalidate()
    expect(task.state).toBe('cancelled')
    expect(recorded.order()).toEqual(['didCreateTask', 'didCompleteWithError', 'didBecomeInvalidWithError'])
  })

  it('can keep a task that somebody is about to start: it counts as existing [R59]', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(200, {}, 'x'))
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    const invalid = recorded.session.finishTasksAndInvalidate('keep')
    task.resume()
    await invalid
    expect(task.state).toBe('completed')
    expect(recorded.order().at(-1)).toBe('didBecomeInvalidWithError')
  })

  it('of a session without tasks ends it at once, and doing it again changes nothing [R55, B11]', async () => {
    const recorded = recordedSession()
    await recorded.session.finishTasksAndInvalidate()
    await Promise.all([recorded.session.finishTasksAndInvalidate(), recorded.session.invalidateAndCancel()])
    expect(recorded.order()).toEqual(['didBecomeInvalidWithError'])
    expect(recorded.count('didBecomeInvalidWithError')).toBe(1)
  })
})

describe('invalidateAndCancel', () => {
  it('cancels all tasks, each once, and only then the session is invalid [R2, R55, R60, 3A 70, 3C 93, wrong 15]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall())
    const recorded = recordedSession({maxParallelTasks: 4})
    const unstarted = recorded.session.dataTask(urlRequest(origin.url('/')))
    const running = Array.from({length: 5}, () => recorded.get(origin.url('/')))
    await origin.untilRequests(4)
    await recorded.session.invalidateAndCancel()
    for (const {outcome} of await Promise.all(running)) {
      expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED', url: origin.url('/')}})
    }
    expect(unstarted.state).toBe('cancelled')
    expect(recorded.count('didCompleteWithError')).toBe(6)
    expect(recorded.count('didBecomeInvalidWithError')).toBe(1)
    expect(recorded.order().at(-1)).toBe('didBecomeInvalidWithError')
    expect(recorded.session.tasks).toEqual([])
  })

  it('leaves the tasks of other sessions alone [R2]', async () => {
    await using origin = await startOrigin()
    const gate = Promise.withResolvers<void>()
    origin.serve('/', {body: 'whole', fault: {holdHead: gate.promise}})
    const [one, other] = [recordedSession(), recordedSession()]
    const ended = one.get(origin.url('/'))
    const going = other.get(origin.url('/'))
    await origin.untilRequests(2)
    await one.session.invalidateAndCancel()
    gate.resolve()
    expect((await ended).outcome.state).toBe('cancelled')
    expect((await going).outcome.state).toBe('completed')
  })

  it('makes resume() of an ended task mean nothing [3A 71, 3A 77, R59]', async () => {
    await using origin = await startOrigin()
    const recorded = recordedSession()
    const task = recorded.session.dataTask(urlRequest(origin.url('/')))
    await recorded.session.invalidateAndCancel()
    task.resume()
    expect(task.state).toBe('cancelled')
    expect(origin.connections).toBe(0)
    expect(recorded.count('didCompleteWithError')).toBe(1)
  })

  it('hangs up on every server, idle connections included [R16, R55]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'x'))
    const recorded = recordedSession()
    await recorded.get(origin.url('/'))
    expect(origin.openConnections).toBe(1)
    await recorded.session.invalidateAndCancel()
    await origin.untilIdle()
    expect(origin.openConnections).toBe(0)
  })

  it('hangs up on a connection that is still being made [R16]', async () => {
    const server = createServer(socket => socket.resume().on('error', () => {}))
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const recorded = recordedSession({timeouts: {connect: 600}})
    const task = recorded.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const [socket] = (await once(server, 'connection')) as [Socket]
    const closed = once(socket, 'close')
    await recorded.session.invalidateAndCancel()
    expect((await task).outcome.state).toBe('cancelled')
    await closed
  })
})

describe('a process', () => {
  const engine = new URL('../../src/engine/index.ts', import.meta.url).href
  const run = (program: string): Promise<{stdout: string}> =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {timeout: 10_000})

  it('ends by itself after invalidation although the server keeps connections alive [R16, 3A 72]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'x'))
    const {stdout} = await run(`
      const {Session, SessionConfiguration, urlRequest} = await import('${engine}')
      const session = new Session(SessionConfiguration.ephemeral())
      const task = session.dataTask(urlRequest('${origin.url('/')}'))
      task.resume()
      const {state} = await task.outcome
      await session.finishTasksAndInvalidate()
      process.on('exit', () => console.log(state))`)
    expect(stdout).toBe('completed\n')
  })

  it('ends by itself when a task was cancelled whose connection is still being made [R16, R56]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.welcome = 'stall'
    const {stdout} = await run(`
      const {Session, SessionConfiguration, urlRequest} = await import('${engine}')
      const session = new Session(SessionConfiguration.ephemeral({timeouts: {connect: 600}}))
      const task = session.dataTask(urlRequest('${origin.url('/')}'))
      task.resume()
      setTimeout(() => task.cancel(), 50)
      const {state} = await task.outcome
      await session.invalidateAndCancel()
      process.on('exit', () => console.log(state))`)
    expect(stdout).toBe('cancelled\n')
  })

  it('does not stay alive for sessions that nobody used or ended [3C 93]', async () => {
    const {stdout} = await run(`
      const {Session, SessionConfiguration} = await import('${engine}')
      for (let count = 0; count < 5; count++) new Session(SessionConfiguration.ephemeral())
      process.on('exit', () => console.log('ended'))`)
    expect(stdout).toBe('ended\n')
  })
})

describe('a session that is invalid', () => {
  it('can be followed by another one of the same configuration [R13, R70]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'x'))
    const configuration = quickConfiguration()
    for (let count = 0; count < 2; count++) {
      const session = new Session(configuration)
      const task = session.dataTask(urlRequest(origin.url('/')))
      task.resume()
      expect((await task.outcome).state).toBe('completed')
      await session.invalidateAndCancel()
    }
  })
})
