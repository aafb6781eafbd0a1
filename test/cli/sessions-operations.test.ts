import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import type {LiveFerry} from '../cli-run/ferry.ts'
import {silentEndpoint} from '../control/silent-endpoint.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {Crossing, serveHeld, serveHalf, whole} from './crossing.ts'
import {eventsOf, explanation} from './said.ts'
import {canary, entrust} from '../canary/canary.ts'

const cookieSecret = canary('cookie')

const cookie = `id=${cookieSecret}`

let origin: Origin
beforeAll(async () => {
  origin = await startOrigin()
  entrust(cookieSecret, origin)
  origin.on('/login', respond(200, {'Set-Cookie': `${cookie}; Max-Age=3600`}, 'x'))
})
afterAll(() => origin.close())

/** A machine whose user has the sessions work and other. */
function machine(): Crossing {
  const crossing = new Crossing()
  const own = {kind: 'default', revision: 1, description: null, configuration: {}}
  mkdirSync(join(crossing.home, 'config'), {recursive: true, mode: 0o700})
  const text = JSON.stringify({version: 1, sessions: {work: own, other: own}})
  writeFileSync(join(crossing.home, 'config', 'sessions.json'), text, {mode: 0o600})
  return crossing
}

/** Starts a get of three small answers over one connection, and lets the second wait; others can see the process then. */
async function startWaiting(
  crossing: Crossing,
  {session, path}: {session: string; path: string}
): Promise<{ferry: LiveFerry; release: () => void}> {
  const gate = Promise.withResolvers<void>()
  origin.serve(path, {body: 'x', fault: {holdHead: gate.promise}})
  origin.on(`${path}-after`, respond(200, {}, 'x'))
  const urls = ['/login', path, `${path}-after`].map(each => origin.url(each))
  const flags = ['--session', session, '-j', '1', '--parallel-max-host', '1']
  const ferry = crossing.start(['get', ...flags, ...urls])
  await origin.untilRequests(1, path)
  const runtime = join(crossing.home, 'run')
  await vi.waitFor(() => expect(readdirSync(runtime)).toHaveLength(1), patience)
  return {ferry, release: () => gate.resolve()}
}

const lastCookie = (path: string): string | undefined => origin.requestsOf(path).at(-1)?.header('cookie')

describe('sessions flush, reset and invalidate', () => {
  it.each(['flush', 'reset', 'invalidate'])('%s of a session that nobody made: 116', async verb => {
    const run = await new Crossing().run(['sessions', verb, 'nobody'])
    expect(run.code).toBe(116)
    expect(explanation(run).code).toBe('SESSION_UNKNOWN')
  })

  it.each([['flush', 'work', 'other'], ['invalidate']])('%s takes one name: 2', async (...words) => {
    expect(await machine().run(['sessions', ...words])).toMatchObject({code: 2})
  })

  it('flush and reset of an ephemeral session have nothing to do', async () => {
    const crossing = new Crossing()
    expect(await crossing.run(['sessions', 'flush', 'ephemeral'])).toMatchObject({code: 0})
    expect(await crossing.run(['sessions', 'reset', 'ephemeral'])).toMatchObject({code: 0})
  })

  it('name the processes that do not answer in a warning, and do the rest [R63]', async () => {
    const crossing = machine()
    await using silent = await silentEndpoint(join(crossing.home, 'run'))
    const running = crossing.run(['sessions', 'flush', 'work', '--json'])
    await silent.hangUp()
    const run = await running
    expect(run.code).toBe(0)
    expect(run.stderr).toContain(`process ${process.pid} does not answer`)
    expect(JSON.parse(run.stdout)).toEqual({
      ok: true,
      session: 'work',
      processes: [],
      silent: [process.pid],
      errors: []
    })
  })
})

describe('sessions flush', () => {
  it('lets a running process make new connections; its cookies and transfers survive [R61, R63]', async () => {
    const crossing = machine()
    const {ferry, release} = await startWaiting(crossing, {session: 'work', path: '/flushed'})
    const flush = await crossing.run(['sessions', 'flush', 'work', '--json'])
    expect(flush.code).toBe(0)
    expect(JSON.parse(flush.stdout)).toMatchObject({processes: [{pid: ferry.pid, tasks: 2}]})
    release()
    expect(await ferry.done).toMatchObject({code: 0})
    const [held, after] = [origin.requestsOf('/flushed')[0], origin.requestsOf('/flushed-after')[0]]
    expect(after?.connection).toBeGreaterThan(held?.connection ?? Infinity)
    expect(after?.header('cookie')).toBe(cookie)
  })

  it('leaves the processes of other sessions alone, and is for shared unless told [R61]', async () => {
    const crossing = machine()
    const {ferry, release} = await startWaiting(crossing, {session: 'other', path: '/unflushed'})
    const flush = await crossing.run(['sessions', 'flush', '--json'])
    expect(JSON.parse(flush.stdout)).toMatchObject({session: 'shared', processes: []})
    release()
    expect(await ferry.done).toMatchObject({code: 0})
    const [held, after] = [origin.requestsOf('/unflushed')[0], origin.requestsOf('/unflushed-after')[0]]
    expect(after?.connection).toBe(held?.connection)
  })
})

describe('sessions reset', () => {
  it('forgets the cookies on disk, of that session alone [R62]', async () => {
    const crossing = machine()
    origin.on('/who', respond(200, {}, 'x'))
    const get = (session: string, path: string) =>
      crossing.run(['get', '--session', session, '-o', 'x', origin.url(path)])
    for (const session of ['work', 'other']) await get(session, '/login')
    await get('work', '/who')
    expect(lastCookie('/who')).toBe(cookie)
    expect(await crossing.run(['sessions', 'reset', 'work'])).toMatchObject({code: 0})
    await get('work', '/who')
    expect(lastCookie('/who')).toBeUndefined()
    await get('other', '/who')
    expect(lastCookie('/who')).toBe(cookie)
  })

  it('forgets them in a running process too, whose downloads go on unharmed [R62, R63]', async () => {
    const crossing = machine()
    const {release} = serveHeld(origin, '/kept')
    origin.on('/fresh', respond(200, {}, 'x'))
    const urls = ['/login', '/kept', '/fresh'].map(path => origin.url(path))
    const ferry = crossing.start(['get', '--session', 'work', '-j', '1', ...urls])
    await crossing.isUnderWay('kept', ferry)
    expect(lastCookie('/kept')).toBe(cookie)
    expect(await crossing.run(['sessions', 'reset', 'work'])).toMatchObject({code: 0})
    release()
    expect(await ferry.done).toMatchObject({code: 0})
    expect(readFileSync(crossing.path('kept'))).toEqual(whole)
    expect(lastCookie('/fresh')).toBeUndefined()
  })

  it('keeps the session itself and what can be resumed [R62]', async () => {
    const crossing = machine()
    const listed = await crossing.pausedHalf(origin, 'paused')
    const before = readFileSync(join(crossing.home, 'config', 'sessions.json'), 'utf8')
    for (const name of ['shared', 'work'])
      expect(await crossing.run(['sessions', 'reset', name])).toMatchObject({code: 0})
    expect(readFileSync(join(crossing.home, 'config', 'sessions.json'), 'utf8')).toBe(before)
    expect(await crossing.run(['resume', listed.id])).toMatchObject({code: 0})
    expect(origin.requestsOf('/paused').at(-1)?.header('range')).toBeDefined()
    expect(readFileSync(crossing.path('paused'))).toEqual(whole)
  })
})

describe('sessions invalidate', () => {
  it.each(['shared', 'ephemeral'])('of %s is refused with 112, and what runs goes on [R3]', async name => {
    const crossing = machine()
    const {release} = serveHeld(origin, `/in-${name}`)
    const ferry = crossing.start(['get', origin.url(`/in-${name}`)])
    await crossing.isUnderWay(`in-${name}`, ferry)
    const run = await crossing.run(['sessions', 'invalidate', name, '--cancel'])
    expect(run.code).toBe(112)
    expect(explanation(run).code).toBe('BUSY')
    release()
    expect(await ferry.done).toMatchObject({code: 0})
  })

  it('returns while transfers go on; they end well, and then the session is invalid [R17, R55, R59]', async () => {
    const crossing = machine()
    const {release} = serveHeld(origin, '/finishing')
    const queued = 'queued'
    origin.on(`/${queued}`, respond(200, {}, 'x'))
    const urls = [origin.url('/finishing'), origin.url(`/${queued}`)]
    const ferry = crossing.start(['get', '--events', '--session', 'work', '-j', '1', ...urls])
    await crossing.isUnderWay('finishing', ferry)
    // It goes on only when this has returned.
    const run = await crossing.run(['sessions', 'invalidate', 'work', '--json'])
    expect(run.code).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({processes: [{pid: ferry.pid, tasks: 2}]})
    release()
    const ended = await ferry.done
    expect(ended.code).toBe(0)
    const events = eventsOf(ended).map(({event}) => event)
    expect(events.at(-1)).toBe('session.invalidated')
    expect(events.filter(event => event === 'session.invalidated')).toHaveLength(1)
    expect(events.filter(event => event === 'task.completed')).toHaveLength(2)
    expect(existsSync(crossing.path(queued))).toBe(true)
  })

  it('with --cancel ends all of them with 115, and no other session’s [R2, R60]', async () => {
    const crossing = machine()
    for (const path of ['/one', '/two']) serveHalf(origin, path)
    const {release} = serveHeld(origin, '/spared')
    const urls = [origin.url('/one'), origin.url('/two')]
    const ferry = crossing.start(['get', '--events', '--session', 'work', ...urls])
    const spared = crossing.start(['get', '--session', 'other', origin.url('/spared')])
    for (const name of ['one', 'two']) await crossing.isUnderWay(name, ferry)
    await crossing.isUnderWay('spared', spared)
    expect(await crossing.run(['sessions', 'invalidate', 'work', '--cancel'])).toMatchObject({code: 0})
    const ended = await ferry.done
    expect(ended.code).toBe(115)
    const events = eventsOf(ended)
    expect(events.filter(({event}) => event === 'task.completed')).toMatchObject([
      {state: 'cancelled'},
      {state: 'cancelled'}
    ])
    expect(events.at(-1)?.event).toBe('session.invalidated')
    release()
    expect(await spared.done).toMatchObject({code: 0})
    expect(readdirSync(crossing.cwd)).toEqual(['spared'])
    expect(await crossing.tasks()).toEqual([])
  })

  it('leaves the session usable for the next command [R59]', async () => {
    const crossing = machine()
    origin.on('/next', respond(200, {}, 'x'))
    expect(await crossing.run(['sessions', 'invalidate', 'work'])).toMatchObject({code: 0})
    expect(await crossing.run(['get', '--session', 'work', origin.url('/next')])).toMatchObject({code: 0})
  })
})
