import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {documentOf, eventsOf} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/done', {body: 'done'})
})
afterAll(() => origin.close())

describe('the list of tasks', () => {
  it('shows a running task once, and an ended one only when asked for all [P30, 3A 23, 74]', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    expect(await crossing.tasks()).toMatchObject([{state: 'running', pid: ferry.pid}])
    ferry.kill('SIGTERM')
    expect(await ferry.done).toMatchObject({code: 143})
    const {id} = await crossing.task()
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(await crossing.tasks()).toEqual([])
    expect(await crossing.tasks('--all')).toMatchObject([{id, state: 'cancelled', actions: []}])
  })

  it('tells the kind of each [3A 75]', async () => {
    const crossing = new Crossing()
    const download = await crossing.startHalf(origin, 'F')
    expect(await crossing.tasks()).toMatchObject([{kind: 'download'}])
    download.kill('SIGKILL')
    await download.done
  })
})

describe('a pause', () => {
  it('leads to a new task later, whose life is told from its beginning [R47]', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['resume', '--events', id])
    expect(run, run.stderr).toMatchObject({code: 0})
    const events = eventsOf(run)
    expect(events.map(({event}) => event).slice(0, 3)).toEqual([
      'task.created',
      'task.started',
      'task.response'
    ])
    expect(events.find(({event}) => event === 'task.created')?.task).not.toBe(id)
    expect(events.at(-1)?.event).toBe('session.invalidated')
  })
})

describe('many tasks of one run', () => {
  it('are told in lines that never mix, numbered without gaps, the end of the session last [R17, R30]', async () => {
    const crossing = new Crossing()
    const names = Array.from({length: 12}, (_, index) => `n${index}`)
    for (const name of names) origin.serve(`/${name}`, {body: name.repeat(3000)})
    const run = await crossing.run(['get', '--events', '-Z', ...names.map(name => origin.url(`/${name}`))])
    expect(run, run.stderr).toMatchObject({code: 0})
    const events = eventsOf(run)
    expect(events.map(({seq}) => seq)).toEqual(events.map((_event, index) => index))
    expect(events.filter(({event}) => event === 'task.completed')).toHaveLength(12)
    expect(events.findIndex(({event}) => event === 'session.invalidated')).toBe(events.length - 1)
    for (const name of names) expect(readFileSync(crossing.path(name), 'utf8')).toBe(name.repeat(3000))
  })

  it('all end when their session is torn down, each with its own end [3D 112]', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F', ['--json', origin.url('/done')])
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run).toMatchObject({code: 130})
    expect(
      documentOf(run)
        .tasks.map(({state}) => state)
        .toSorted()
    ).toEqual(['completed', 'paused'])
  })
})
