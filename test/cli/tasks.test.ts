import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {startOnTerminal} from '../cli-run/terminal.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing, firstBytes, serveHeld, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

describe('tasks', () => {
  it('says that there is nothing, with 0', async () => {
    const crossing = new Crossing()
    expect(await crossing.run(['tasks'])).toMatchObject({
      code: 0,
      stdout: 'There are no tasks.\n',
      stderr: ''
    })
    expect(await crossing.run(['tasks', '--json'])).toMatchObject({code: 0})
    expect(await crossing.tasks()).toEqual([])
  })

  it('lists running and paused ones with pid and actions, and each with the command that comes next', async () => {
    const crossing = new Crossing()
    const paused = await crossing.pausedHalf(origin, 'paused')
    const ferry = await crossing.startHalf(origin, 'running')
    const listed = await crossing.tasks()
    const [total, bytes] = [whole.length, firstBytes]
    expect(listed).toMatchObject([
      {state: 'running', pid: ferry.pid, actions: ['pause', 'cancel'], path: crossing.path('running')},
      {id: paused.id, state: 'paused', pid: null, actions: ['resume', 'cancel'], bytes, total}
    ])
    expect(Object.keys(listed[0] ?? {})).toHaveLength(18)
    const {stdout} = await crossing.run(['tasks'])
    expect(stdout).toContain(`ferry resume ${paused.id}`)
    expect(stdout).toContain(`ferry pause ${listed[0]?.id}`)
    expect(stdout.split('\n')).toHaveLength(4)
  })

  it('leaves out what has ended, unless --all asks for it', async () => {
    const crossing = new Crossing()
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', origin.url('/F')])
    await crossing.isUnderWay('F', ferry)
    const {id} = await crossing.task()
    release()
    await ferry.done
    expect(await crossing.tasks()).toEqual([])
    expect(await crossing.tasks('--all')).toMatchObject([{id, state: 'completed', actions: [], pid: null}])
  })

  it('ends with 116 for the beginning of no id, and shows what begins with the others', async () => {
    const crossing = new Crossing()
    const unknown = await crossing.run(['tasks', 'mnosuchtask'])
    expect(unknown).toMatchObject({code: 116, stdout: ''})
    expect(explanation(unknown)).toMatchObject({code: 'TASK_UNKNOWN', why: 'There is no task "mnosuchtask"'})
    const {id} = await crossing.pausedHalf(origin, 'F')
    const some = await crossing.run(['tasks', id, 'mnosuchtask', '--json'])
    expect(some.code).toBe(116)
    expect(JSON.parse(some.stdout)).toEqual({
      tasks: [expect.objectContaining({id})],
      errors: [{id: 'mnosuchtask', code: 'TASK_UNKNOWN', message: expect.any(String), exitCode: 116}]
    })
    expect(explanation(some).code).toBe('TASK_UNKNOWN')
    // Every id begins with nothing, and nobody means that.
    expect(await crossing.run(['tasks', ''])).toMatchObject({code: 116, stdout: ''})
  })

  it('has nothing against a session without tasks', async () => {
    const run = await new Crossing().run(['tasks', '--session', 'background'])
    expect(run).toMatchObject({code: 0, stdout: 'There are no tasks.\n', stderr: ''})
  })

  it('does not watch for what is not there', async () => {
    const watching = new Crossing().run(['tasks', '--watch', '--json', 'mnosuchtask'])
    expect(await watching).toMatchObject({code: 116})
  })

  it('gives every task of a user an id of its own, also in runs at the same time', async () => {
    const crossing = new Crossing()
    const urls = ['/1', '/2', '/3'].map(path => {
      origin.serve(path, {body: 'x'})
      return origin.url(path)
    })
    const runs = await Promise.all(
      [1, 2, 3].map(n => crossing.run(['get', '--json', '-P', `d${n}`, '--create-dirs', ...urls]))
    )
    const ids = runs.flatMap(run => documentOf(run).tasks.map(({id}) => id))
    expect(ids).toHaveLength(9)
    expect(new Set(ids).size).toBe(9)
  })

  it('goes on showing them with --watch on a terminal, until ^C', async () => {
    const crossing = new Crossing()
    const watching = startOnTerminal(['tasks', '--watch'], {env: {FERRY_HOME: crossing.home}})
    await watching.until(/There are no tasks/)
    await crossing.startHalf(origin, 'F')
    await watching.until(/running[^\n]* F /)
    await crossing.run(['pause', '--all'])
    await watching.until(/paused[^\n]* F /)
    watching.press('\x03')
    expect(await watching.done).toMatchObject({code: 130})
  })

  it('does not watch without a terminal, unless as documents, one a line', async () => {
    const crossing = new Crossing()
    const refused = await crossing.run(['tasks', '--watch'])
    expect(refused).toMatchObject({code: 2, stdout: ''})
    expect(explanation(refused).next).toContain('--json')
    const watching = crossing.start(['tasks', '--watch', '--json'])
    expect(await watching.untilStdout(/\n/)).toBe('{"tasks":[]}\n')
    await crossing.startHalf(origin, 'F')
    const lines = (await watching.untilStdout(/\n.*running.*\n/)).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({tasks: [{state: 'running'}]})
  })
})

describe('pause of many', () => {
  it('pauses all transfers of all processes with --all', async () => {
    const crossing = new Crossing()
    const ferries = [await crossing.startHalf(origin, 'A'), await crossing.startHalf(origin, 'B')]
    const run = await crossing.run(['pause', '--all', '--json'])
    expect(run.code).toBe(0)
    expect(documentOf(run)).toMatchObject({ok: true, tasks: [{state: 'paused'}, {state: 'paused'}]})
    for (const ferry of ferries) expect(await ferry.done).toMatchObject({code: 114})
  })

  it('says so when nothing runs, with 0', async () => {
    const run = await new Crossing().run(['pause', '--all'])
    expect(run).toMatchObject({code: 0, stdout: '', stderr: 'Nothing is running.\n'})
  })

  it('is one pause, asked for ten times at once', async () => {
    const crossing = new Crossing()
    const ferry = await crossing.startHalf(origin, 'F')
    const {id} = await crossing.task()
    const pauses = await Promise.all(Array.from({length: 10}, () => crossing.run(['pause', id])))
    expect(await ferry.done).toMatchObject({code: 114})
    const codes = pauses.map(({code}) => code)
    expect(codes).toContain(0)
    // Whoever comes when it has ended learns that it has.
    expect(codes.filter(code => code !== 0 && code !== 111)).toEqual([])
    expect(await crossing.task()).toMatchObject({id, state: 'paused', bytes: firstBytes})
    expect(await crossing.run(['resume', id])).toMatchObject({code: 0})
  })

  it('of a task that has ended is 111', async () => {
    const crossing = new Crossing()
    const {id} = await crossing.pausedHalf(origin, 'F')
    const run = await crossing.run(['pause', id])
    expect(run).toMatchObject({code: 111, stdout: ''})
    expect(explanation(run).code).toBe('NOT_RESUMABLE')
  })
})
