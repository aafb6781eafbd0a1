import {existsSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {until} from '../cli-run/daemon.ts'
import {respond} from '../origin/handlers.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, explanation} from './said.ts'

const body = 'x'.repeat(300_000)
let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

/** A download in the background of which the first 200,000 bytes are here. */
async function underWay(session = 'background') {
  const held = heldResource(body, 200_000)
  crossing.origin.serve('/F', held)
  const id = await crossing.submit(['get', '--session', session, '-o', 'F', crossing.origin.url('/F')])
  await crossing.origin.untilRequests(1, '/F')
  await until(async () => ((await crossing.task(id))?.bytes ?? 0) > 100_000)
  return {id, held}
}

describe('A background task', () => {
  it('is paused with its resume data, and resume makes a new task of it, in its session', async () => {
    const {id} = await underWay()
    const paused = await crossing.run(['pause', id])
    expect(paused).toMatchObject({code: 0, stdout: `${crossing.path('F.ferry')}\n`})
    expect(await crossing.daemon.status()).toMatchObject({tasks: {paused: 1}})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 114})
    const next = await crossing.submit(['resume', id])
    expect(next).not.toBe(id)
    expect(await crossing.run(['wait', next])).toMatchObject({code: 0})
    expect(crossing.text('F')).toBe(body)
    const done = await crossing.task(next)
    expect(done).toMatchObject({state: 'completed', session: 'background'})
    expect(done?.resumedFrom).toBeGreaterThan(100_000)
    expect(await crossing.run(['resume', id])).toMatchObject({code: 111})
    expect(await crossing.daemon.status()).toMatchObject({tasks: {paused: 0, completed: 1}})
  })

  it('is held without an end, and the same task goes on', async () => {
    const {id} = await underWay()
    const held = await crossing.run(['pause', '--hold', id])
    expect(held).toMatchObject({code: 0, stdout: '', stderr: expect.stringContaining(`ferry resume ${id}`)})
    expect(await crossing.task(id)).toMatchObject({
      state: 'suspended',
      actions: ['resume', 'pause', 'cancel']
    })
    expect(await crossing.run(['resume', id])).toMatchObject({code: 0, stdout: `${id}\n`})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(crossing.text('F')).toBe(body)
  })

  it('is held with all of its session, but not with all tasks of all sessions', async () => {
    const {id} = await underWay()
    expect(await crossing.run(['pause', '--hold', '--all'])).toMatchObject({code: 2})
    expect(await crossing.run(['pause', '--hold', '--session', 'background'])).toMatchObject({code: 0})
    expect(await crossing.task(id)).toMatchObject({state: 'suspended'})
    expect(await crossing.run(['pause', '--hold', '--session', 'nobody'])).toMatchObject({code: 116})
  })

  it('is cancelled for good, and leaves nothing on disk', async () => {
    const {id} = await underWay()
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 115})
    expect(['F', 'F.part', 'F.ferry'].filter(name => existsSync(crossing.path(name)))).toEqual([])
  })

  it('is not resumed while it goes on by itself', async () => {
    const {id} = await underWay()
    const run = await crossing.run(['resume', id])
    expect(run).toMatchObject({code: 112, stdout: ''})
    expect(explanation(run).next).toContain(`ferry wait ${id}`)
  })

  it('goes on in the background when its resume data is named, and elsewhere where that is asked for', async () => {
    const {id} = await underWay()
    await crossing.run(['pause', id])
    crossing.origin.serve('/F', heldResource(body, 50_000))
    const next = await crossing.submit(['resume', 'F.ferry'])
    expect(await crossing.task(next)).toMatchObject({session: 'background'})
    await until(async () => (await crossing.task(next))?.state === 'running')
    await crossing.run(['pause', next])
    expect(await crossing.run(['resume', '--session', 'shared', next])).toMatchObject({
      code: 0,
      stdout: `${crossing.path('F')}\n`
    })
    expect(crossing.text('F')).toBe(body)
  })

  it('is listed as the task that it went on as elsewhere, where that has ended without being done', async () => {
    const {id} = await underWay()
    await crossing.run(['pause', id])
    crossing.origin.on('/F', respond(403))
    expect(await crossing.run(['resume', '--session', 'shared', id])).toMatchObject({code: 22})
    const {tasks} = documentOf(await crossing.run(['tasks', '--json']))
    expect(tasks).toMatchObject([{session: 'shared', state: 'failed', resumeData: crossing.path('F.ferry')}])
    expect(await crossing.task(id)).toMatchObject({state: 'paused', resumeData: null, actions: []})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 114})
    const held = heldResource(body, 50_000)
    held.letGo()
    crossing.origin.serve('/F', held)
    const next = ['resume', '--session', 'shared', tasks[0]?.id ?? '']
    expect(await crossing.run(next)).toMatchObject({code: 0})
    expect(crossing.text('F')).toBe(body)
  })
})

describe('wait', () => {
  it('waits on while the daemon is killed, and has the next one started', async () => {
    const {id, held} = await underWay()
    const {pid} = await crossing.daemon.status()
    // Killed before it has been asked, the daemon would be started by the beginning of the command.
    const {ended: waiting} = await crossing.visiting(['wait', id, '--json'])
    process.kill(pid ?? 0, 'SIGKILL')
    held.letGo()
    const ended = await waiting
    expect(ended).toMatchObject({code: 0})
    expect(documentOf(ended)).toMatchObject({ok: true, tasks: [{id, state: 'completed'}]})
    expect(crossing.text('F')).toBe(body)
  })

  it('knows how a task ended whose daemon has left, by its beginning too', async () => {
    const url = crossing.origin.url('/missing')
    const id = await crossing.submit(['get', '--background', url])
    expect(await crossing.run(['wait', id])).toMatchObject({code: 22})
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.run(['wait', id.slice(0, -1)])).toMatchObject({code: 22})
    expect(await crossing.daemon.status()).toMatchObject({running: false})
  })

  it('waits for a whole session, also for what has not begun, and not for what is held', async () => {
    await crossing.run(['sessions', 'create', 'single', '--kind', 'background', '--parallel-max', '1'])
    const {id} = await underWay('single')
    await crossing.run(['pause', '--hold', id])
    const running = heldResource('at once', 3)
    crossing.origin.serve('/G', running)
    crossing.origin.serve('/H', {body: 'later', entityTag: '"v1"'})
    await crossing.submit(['get', '--session', 'single', '-o', 'G', crossing.origin.url('/G')])
    const next = await crossing.submit(['get', '--session', 'single', '-o', 'H', crossing.origin.url('/H')])
    expect(await crossing.task(next)).toMatchObject({state: 'waiting'})
    const {ended: waiting} = await crossing.visiting(['wait', '--session', 'single'])
    running.letGo()
    expect(await waiting).toMatchObject({
      code: 0,
      stdout: `${crossing.path('G')}\n${crossing.path('H')}\n`
    })
    expect(await crossing.task(id)).toMatchObject({state: 'suspended'})
  })
})

describe('A service that was stopped', () => {
  it('is started by resume, and its tasks go on under their ids', async () => {
    const {id} = await underWay()
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.task(id)).toMatchObject({state: 'waiting', pid: null})
    expect(await crossing.daemon.status()).toMatchObject({running: false, stopped: true})
    expect(await crossing.run(['resume', id])).toMatchObject({code: 0, stdout: `${id}\n`})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(crossing.text('F')).toBe(body)
  })
})

describe('sessions flush and reset', () => {
  it.each(['flush', 'reset'])('%s reaches the daemon', async verb => {
    await underWay()
    const {pid} = await crossing.daemon.status()
    const run = await crossing.run(['sessions', verb, 'background', '--json'])
    expect(run).toMatchObject({code: 0})
    expect(JSON.parse(run.stdout)).toMatchObject({ok: true, processes: [{pid, tasks: 1}]})
  })
})
