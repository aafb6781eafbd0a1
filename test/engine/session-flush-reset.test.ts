import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {SessionEnvironment} from '../../src/engine/index.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {quick, quickConfiguration, recordedSession} from './recorded-session.ts'
import {canary} from '../canary/canary.ts'

const cookieSecret = canary('cookie')

const cookie = `id=${cookieSecret}`

/** Sets a cookie at /login; everywhere else answers at once. */
function serveLogin(origin: Origin): void {
  origin.on('*', respond(200, {}, 'x'))
  origin.on('/login', respond(200, {'Set-Cookie': cookie}, 'x'))
}

/** Does something with a session that keeps its stores in a folder. */
async function withSession(
  environment: SessionEnvironment,
  act: (session: Session) => Promise<unknown>
): Promise<void> {
  const session = new Session(SessionConfiguration.default(quick), {}, environment)
  await act(session)
  await session.invalidateAndCancel()
}

function storesIn(folder: string, name = 'own'): SessionEnvironment {
  const report = (error: Error) => expect.unreachable(error.message)
  return {name, stores: {folder, report}}
}

async function visit(session: Session, url: string): Promise<void> {
  const task = session.dataTask(urlRequest(url))
  task.resume()
  expect((await task.outcome).state).toBe('completed')
}

const cookieOf = (origin: Origin): string | undefined => origin.requests.at(-1)?.header('cookie')

describe('flush', () => {
  it('makes later requests take a new connection; without it they share one [R61]', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(200, {}, 'x'))
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/'))
    await recorded.get(origin.url('/'))
    expect(origin.connections).toBe(1)
    await recorded.session.flush()
    await recorded.get(origin.url('/'))
    expect(origin.connections).toBe(2)
    expect(recorded.count('didBecomeInvalidWithError')).toBe(0)
  })

  it('makes them shake hands in full over TLS: no session is taken up again [R61]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.on('*', (_request, reply) => reply.respond(200, {Connection: 'close'}, 'x'))
    const recorded = recordedSession()
    const shake = async (): Promise<string | undefined> => {
      await recorded.get(origin.url('/'))
      return origin.requests.at(-1)?.handshake?.length
    }
    expect([await shake(), await shake()]).toEqual(['full', 'abbreviated'])
    await recorded.session.flush()
    expect(await shake()).toBe('full')
  })

  it('keeps the cookies [R61]', async () => {
    await using origin = await startOrigin()
    serveLogin(origin)
    const recorded = recordedSession()
    await recorded.get(origin.url('/login'))
    await recorded.session.flush()
    await recorded.get(origin.url('/'))
    expect(cookieOf(origin)).toBe(cookie)
  })

  it('hangs up on idle servers, and on none that is still answering [R61]', async () => {
    await using origin = await startOrigin()
    const gate = Promise.withResolvers<void>()
    origin.serve('/held', {body: 'whole', fault: {holdHead: gate.promise}})
    origin.on('/', respond(200, {}, 'x'))
    const recorded = recordedSession()
    const held = recorded.get(origin.url('/held'))
    await origin.untilRequests(1)
    await recorded.get(origin.url('/'))
    expect(origin.openConnections).toBe(2)
    await recorded.session.flush()
    await expect.poll(() => origin.openConnections).toBe(1)
    gate.resolve()
    expect((await held).body.toString()).toBe('whole')
    await origin.untilIdle()
  })

  it('of a session that is cancelled later leaves no connection behind [R16, R61]', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) => reply.stall())
    const recorded = recordedSession()
    const running = recorded.get(origin.url('/'))
    await origin.untilRequests(1)
    await recorded.session.flush()
    await recorded.session.invalidateAndCancel()
    expect((await running).outcome.state).toBe('cancelled')
    await origin.untilIdle()
  })

  it('gives up with the session on connections that were being made before it [R16, R61]', async () => {
    const server = createServer(socket => socket.resume().on('error', () => {}))
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const recorded = recordedSession({timeouts: {connect: 600}})
    const running = recorded.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const [socket] = (await once(server, 'connection')) as [Socket]
    const closed = once(socket, 'close')
    await recorded.session.flush()
    await recorded.session.invalidateAndCancel()
    expect((await running).outcome.state).toBe('cancelled')
    await closed
  })

  it('writes what later sessions of the same name find [R61]', async () => {
    await using origin = await startOrigin()
    serveLogin(origin)
    const environment = storesIn(scratchFolder())
    await withSession(environment, async one => {
      await visit(one, origin.url('/login'))
      await one.flush()
      await withSession(environment, other => visit(other, origin.url('/')))
    })
    expect(cookieOf(origin)).toBe(cookie)
  })
})

describe('reset', () => {
  it('sends no cookie afterwards, and takes a new connection [R62]', async () => {
    await using origin = await startOrigin()
    serveLogin(origin)
    const recorded = recordedSession({maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/login'))
    await recorded.get(origin.url('/'))
    expect(cookieOf(origin)).toBe(cookie)
    await recorded.session.reset()
    await recorded.get(origin.url('/'))
    expect(cookieOf(origin)).toBeUndefined()
    expect(origin.connections).toBe(2)
  })

  it('forgets on disk too, for this session alone [R62]', async () => {
    await using origin = await startOrigin()
    serveLogin(origin)
    const folder = scratchFolder()
    const [own, other] = [storesIn(folder, 'own'), storesIn(folder, 'other')]
    for (const environment of [own, other]) {
      await withSession(environment, session => visit(session, origin.url('/login')))
    }
    await withSession(own, session => session.reset())
    await withSession(own, session => visit(session, origin.url('/')))
    expect(cookieOf(origin)).toBeUndefined()
    await withSession(other, session => visit(session, origin.url('/')))
    expect(cookieOf(origin)).toBe(cookie)
  })

  it('and flush leave a running download and its files alone [R61, R62]', async () => {
    await using origin = await startOrigin()
    const body = seededBytes(300_000, 5)
    const gate = Promise.withResolvers<void>()
    origin.serve('/F', {body, entityTag: '"v1"', fault: {holdAfter: {bytes: 100_000, until: gate.promise}}})
    const folder = scratchFolder()
    const recorded = recordedSession()
    const task = recorded.session.downloadTask(urlRequest(origin.url('/F')), {
      directory: folder,
      fileName: 'F'
    })
    task.resume()
    await expect.poll(() => task.countOfBytesReceived).toBeGreaterThan(0)
    await recorded.session.reset()
    await recorded.session.flush()
    gate.resolve()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(readFileSync(join(folder, 'F'))).toEqual(body)
    expect(origin.requests).toHaveLength(1)
  })

  it('keeps resume data: what was paused before it is continued after it [R62]', async () => {
    await using origin = await startOrigin()
    const body = seededBytes(300_000, 6)
    origin.serve('/F', {body, entityTag: '"v1"', faults: [{cutAfter: 100_000}]})
    const folder = scratchFolder()
    await withSession(storesIn(scratchFolder()), async session => {
      const options = {directory: folder, fileName: 'F'}
      const task = session.downloadTask(urlRequest(origin.url('/F')), options)
      task.resume()
      expect((await task.outcome).resumeData).toBe(join(folder, 'F.ferry'))
      await session.reset()
      const next = await session.downloadTaskWithResumeData(join(folder, 'F.ferry'), {trust: 'foreign'})
      next.resume()
      expect((await next.outcome).state).toBe('completed')
    })
    expect(origin.requests.at(-1)?.header('range')).toBe('bytes=100000-')
  })

  it('of a session that stores nothing on disk makes no file [R8]', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'mine'), '')
    const session = new Session(quickConfiguration(), {}, {stores: {folder, report: () => {}}})
    await session.reset()
    await session.flush()
    await session.invalidateAndCancel()
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('')
  })
})
