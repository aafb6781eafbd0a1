import {readFileSync, readdirSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing, serveHeld, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

describe('cancel', () => {
  it('ends a running transfer with 115 there and 0 here, and nothing is left on disk', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const {id} = await crossing.task()
    const cancel = await crossing.run(['cancel', id])
    expect(cancel, cancel.stderr).toMatchObject({code: 0, stdout: ''})
    expect(await ferry.done).toMatchObject({code: 115, stdout: ''})
    expect(readdirSync(crossing.cwd)).toEqual([])
    expect(await crossing.tasks()).toEqual([])
    const late = await crossing.run(['resume', id])
    expect(late).toMatchObject({code: 111})
  })

  it('ends a paused one, whose process is long gone: nothing is left on disk', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0, stdout: ''})
    expect(readdirSync(crossing.cwd)).toEqual([])
    expect(await crossing.tasks()).toEqual([])
    expect(await crossing.tasks('--all')).toMatchObject([{id, state: 'cancelled', actions: []}])
  })

  it('of several does what it can, and tells of the one that is unknown', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['cancel', id, 'mnosuchtask'])
    expect(run).toMatchObject({code: 116})
    expect(explanation(run).code).toBe('TASK_UNKNOWN')
    expect(readdirSync(crossing.cwd)).toEqual([])
  })
})

describe('wait', () => {
  it('exits with 0 and the path when the awaited transfer is done', async () => {
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', origin.url('/F')])
    await crossing.isUnderWay('F', ferry)
    const {id} = await crossing.task()
    const waiting = crossing.start(['wait', id])
    await sleep(150)
    expect(waiting.child.exitCode).toBeNull()
    release()
    expect(await waiting.done).toMatchObject({code: 0, stdout: `${crossing.path('F')}\n`})
    expect(await ferry.done).toMatchObject({code: 0})
  })

  it.each([
    ['pause', 114, 'paused'],
    ['cancel', 115, 'cancelled']
  ])('exits as the awaited does when it meets %s: with %i', async (command, code, state) => {
    const crossing = new Crossing()
    await crossing.startHalf(origin, 'F')
    const {id} = await crossing.task()
    const waiting = crossing.start(['wait', '--json', id])
    await crossing.run([command, id])
    const run = await waiting.done
    expect(run.code).toBe(code)
    expect(documentOf(run)).toMatchObject({ok: false, tasks: [{id, state}]})
  })

  it('exits with the code of a failure', async () => {
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', '--sha256', '0'.repeat(64), origin.url('/F')])
    await crossing.isUnderWay('F', ferry)
    const {id} = await crossing.task()
    const waiting = crossing.start(['wait', id])
    await sleep(100)
    release()
    expect(await waiting.done).toMatchObject({code: 110, stdout: ''})
  })

  it('falls back to the record when the awaited process is killed', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const {id} = await crossing.task()
    const waiting = crossing.start(['wait', '--json', id])
    await sleep(150)
    ferry.kill('SIGKILL')
    const run = await waiting.done
    expect(run.code).toBe(18)
    expect(documentOf(run)).toMatchObject({
      tasks: [{id, state: 'failed', resumeData: crossing.path('F.ferry')}]
    })
  })

  it('knows tasks that have ended already', async () => {
    const crossing = new Crossing()
    const paused = await crossing.pausedHalf(origin, 'paused')
    expect(await crossing.run(['wait', paused.id])).toMatchObject({code: 114, stdout: ''})
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', origin.url('/F')])
    await crossing.isUnderWay('F', ferry)
    const running = (await crossing.tasks()).find(({pid}) => pid === ferry.pid)
    release()
    expect(await ferry.done).toMatchObject({code: 0})
    const path = crossing.path('F')
    expect(await crossing.run(['wait', running?.id ?? ''])).toMatchObject({code: 0, stdout: `${path}\n`})
  })
})

describe('wait for what nobody knows', () => {
  it('is 116, in the document too, and the others are told of', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['wait', '--json', 'mnosuchtask', id])
    expect(run.code).toBe(117)
    expect(explanation(run).code).toBe('TASK_UNKNOWN')
    expect(documentOf(run)).toMatchObject({
      ok: false,
      tasks: [{id, state: 'paused'}],
      errors: [{id: 'mnosuchtask', code: 'TASK_UNKNOWN', exitCode: 116}]
    })
    const alone = await crossing.run(['wait', '--json', 'mnosuchtask'])
    expect(alone.code).toBe(116)
    expect(documentOf(alone)).toMatchObject({ok: false, tasks: []})
  })
})

describe('resume of what nobody knows', () => {
  it('is 116, in the document too, and the others go on', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['resume', '--json', 'mnosuchtask', id])
    expect(run.code).toBe(116)
    expect(documentOf(run)).toMatchObject({
      ok: false,
      tasks: [{path: crossing.path('F'), state: 'completed'}],
      errors: [{code: 'TASK_UNKNOWN', message: expect.stringContaining('mnosuchtask'), exitCode: 116}]
    })
  })
})

describe('a process that was killed', () => {
  it('leaves its task in tasks under its id, which resume finishes', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const {id} = await crossing.task()
    ferry.kill('SIGKILL')
    await ferry.done
    expect(await crossing.task()).toMatchObject({
      id,
      state: 'failed',
      pid: null,
      actions: ['resume', 'cancel']
    })
    const listed = await crossing.run(['tasks'])
    expect(listed.stdout).toContain(`ferry resume ${id}`)
    expect(await crossing.run(['resume', id])).toMatchObject({code: 0})
    expect(readFileSync(crossing.path('F')).equals(whole)).toBe(true)
    expect(readdirSync(crossing.cwd)).toEqual(['F'])
  })

  it('does not keep others from pausing all: what it left behind is passed over', async () => {
    const crossing = new Crossing()
    const dead = await crossing.startHalf(origin, 'dead')
    dead.kill('SIGKILL')
    await dead.done
    const alive = await crossing.startHalf(origin, 'alive')
    const run = await crossing.run(['pause', '--all'])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: `${crossing.path('alive.ferry')}\n`})
    expect(await alive.done).toMatchObject({code: 114})
  })
})
