import {existsSync, readFileSync, rmSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {until, untilVisited} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, explanation} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

/** Hands over a download of nothing, and awaits its end. */
async function failed(): Promise<string> {
  const id = await crossing.submit(['get', '--background', crossing.origin.url('/missing')])
  await crossing.run(['wait', '-s', id])
  return id
}

/** A download that was paused before it has begun. */
async function paused(...flags: readonly string[]): Promise<string> {
  crossing.origin.serve('/F', {body: 'content'})
  const url = crossing.origin.url('/F')
  const words = ['get', '--background', '--start-at', '1h', ...flags]
  const id = await crossing.submit([...words, '-o', 'F', url])
  expect(await crossing.run(['pause', id])).toMatchObject({code: 0})
  return id
}

describe('wait', () => {
  it('says why a task has failed as the command would have that ran it, and with -s nothing', async () => {
    const id = await failed()
    expect(explanation(await crossing.run(['wait', '-q', id]))).toMatchObject({
      failed: `GET ${crossing.origin.url('/missing')}`,
      why: 'The server answered 404 Not Found',
      code: 'HTTP_STATUS',
      next: 'Check the address.'
    })
    expect(await crossing.run(['wait', '-s', id])).toMatchObject({code: 22, stdout: '', stderr: ''})
  })

  it('says the same reason of many once, and of an upload where it was to go', async () => {
    crossing.write('up', 'content')
    const [first, second] = [await failed(), await failed()]
    const url = crossing.origin.url('/nowhere')
    const upload = await crossing.submit(['upload', '--background', '--label', 'one', 'up', url])
    const {code, stderr} = await crossing.run(['wait', first, second, upload])
    expect(code, stderr).toBe(22)
    expect(stderr.match(/^ferry: Failed: GET /gm)).toHaveLength(2)
    expect(stderr.match(/^Why: /gm)).toHaveLength(1)
    expect(stderr).toContain(
      `ferry: Failed: one to ${url}: The server answered 404 Not Found (HTTP_STATUS)\n`
    )
  })

  it.each([
    {how: ['daemon', 'stop'], why: 'the background service was stopped'},
    {how: ['pause', '--hold'], why: 'held by ferry pause --hold'}
  ])('warns once of what rests by $how, and waits on until somebody resumes it', async ({how, why}) => {
    const held = heldResource('content', 3)
    crossing.origin.serve('/F', held)
    const {home} = crossing.daemon
    const id = await crossing.submit(['get', '--background', '-o', 'F', crossing.origin.url('/F')])
    await crossing.run(how[0] === 'pause' ? [...how, id] : how)
    const waiting = startFerry(['wait', id], {cwd: home, env: {FERRY_HOME: home}})
    await waiting.untilStderr(new RegExp(`^warning: nothing happens to F: ${why}; ferry resume ${id} lets`))
    held.letGo()
    await crossing.run(['resume', id])
    const run = await waiting.done
    expect(run).toMatchObject({code: 0, stdout: `${crossing.path('F')}\n`})
    expect(run.stderr.match(/^warning: /gm)).toHaveLength(1)
  })

  it('warns also when the service is stopped while it waits, and counts what rests', async () => {
    const {home} = crossing.daemon
    const urls = ['/F', '/G'].map(path => crossing.origin.url(path))
    await crossing.run(['get', '--background', '--start-at', '1h', ...urls])
    const {pid} = await crossing.daemon.status()
    const waiting = await untilVisited(pid ?? 0, () =>
      startFerry(['wait', '--session', 'background'], {env: {FERRY_HOME: home}})
    )
    await crossing.run(['daemon', 'stop'])
    await waiting.untilStderr(
      /^warning: nothing happens to 2 of them: .* stopped; ferry resume \S+ starts it/
    )
  })

  it('says of one whose file was there before it what has to be done before it can go on', async () => {
    const id = await paused('--if-exists', 'fail')
    crossing.write('F', 'of somebody else')
    const next = await crossing.submit(['resume', id])
    const {why, next: advice} = explanation(await crossing.run(['wait', next]))
    expect(why).toBe(`${crossing.path('F')} exists already`)
    expect(advice).toBe(`Move that file away, and continue with: ferry resume ${next}`)
    rmSync(crossing.path('F'))
    const last = await crossing.submit(['resume', next])
    expect(await crossing.run(['wait', last])).toMatchObject({code: 0, stdout: `${crossing.path('F')}\n`})
  })

  it('tells of a paused task how it goes on, but says nothing of it with -q', async () => {
    const id = await paused()
    expect(await crossing.run(['wait', id])).toMatchObject({
      code: 114,
      stderr: `paused F: continue with ferry resume ${id}\n`
    })
    expect(await crossing.run(['wait', '-q', id])).toMatchObject({code: 114, stderr: ''})
  })
})

describe('tasks', () => {
  it('says what has failed in the background, which nobody has seen, with and without the daemon', async () => {
    const id = await failed()
    const news =
      'There are no tasks.\nFailed in the background, within a day:\n' +
      `  ${id}  missing: The server answered 404 Not Found (HTTP_STATUS)\n`
    expect(await crossing.run(['tasks'])).toMatchObject({code: 0, stdout: news})
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.run(['tasks'])).toMatchObject({code: 0, stdout: news})
    expect(await crossing.run(['tasks', '--session', 'shared'])).toMatchObject({
      stdout: 'There are no tasks.\n'
    })
    expect(documentOf(await crossing.run(['tasks', '--json']))).toMatchObject({tasks: []})
  })

  it('lists what has ended by its id, or with --all, and the reason where it has failed', async () => {
    const id = await failed()
    for (const which of [id, '--all']) {
      const {stdout} = await crossing.run(['tasks', which])
      expect(stdout).toMatch(new RegExp(`^${id} +failed`, 'm'))
      expect(stdout.match(/The server answered 404/g)).toHaveLength(1)
    }
  })
})

describe('A background task that is to begin later', () => {
  it('is listed with its time, also while no daemon runs, and without once it was paused', async () => {
    const url = crossing.origin.url('/F')
    const words = ['get', '--background', '--start-at', '2035-03-04T05:06', '-o', 'F', url]
    const id = await crossing.submit(words)
    const listed = `Begins later:\n  ${id}  F: 2035-03-04 05:06\n`
    expect((await crossing.run(['tasks'])).stdout).toContain(listed)
    await crossing.run(['daemon', 'stop'])
    expect((await crossing.run(['tasks'])).stdout).toContain(listed)
    const begin = new Date('2035-03-04T05:06').toISOString()
    expect(await crossing.task(id)).toMatchObject({state: 'waiting', earliestBegin: begin})
    await crossing.run(['pause', id])
    expect((await crossing.run(['tasks'])).stdout).not.toContain('Begins later')
  })

  it('is listed with the time when its window opens, where that is later', async () => {
    const hour = (new Date().getHours() + 3) % 24
    const two = (number: number): string => String(number % 24).padStart(2, '0')
    const window = `${two(hour)}:00-${two(hour + 1)}:00`
    await crossing.submit(['get', '--background', '--window', window, '-o', 'F', crossing.origin.url('/F')])
    expect((await crossing.run(['tasks'])).stdout).toMatch(
      new RegExp(`Begins later:\n  \\S+  F: \\S+ ${two(hour)}:00\n`)
    )
  })

  it('is listed with its time among the first twenty, and counted beyond', async () => {
    const urls = Array.from({length: 22}, (_, number) => crossing.origin.url(`/${number}`))
    await crossing.run(['get', '--background', '--start-at', '2035-03-04T05:06', ...urls])
    const {stdout} = await crossing.run(['tasks'])
    expect(stdout.match(/: 2035-03-04 05:06$/gm)).toHaveLength(20)
    expect(stdout).toContain('  and 2 more: ferry tasks --json\n')
  })
})

describe('A background task that is paused', () => {
  it('is cancelled for good by cancel, which says so, as does wait from then on', async () => {
    const id = await paused()
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0, stderr: `cancelled ${id}\n`})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 115, stderr: 'cancelled F\n'})
    expect(await crossing.task(id)).toMatchObject({state: 'cancelled', resumeData: null})
    expect(existsSync(crossing.path('F.ferry'))).toBe(false)
  })

  it('is not paused again, nor handed over; both say how it goes on', async () => {
    const id = await paused()
    for (const how of [[], ['--to-background']]) {
      const run = await crossing.run(['pause', ...how, id])
      expect(run).toMatchObject({code: 111, stdout: ''})
      expect(explanation(run).next).toBe(`Continue it with: ferry resume ${id}`)
    }
  })

  it('goes on in another session where its own was removed, and says so', async () => {
    await crossing.run(['sessions', 'create', 'gone', '--kind', 'background'])
    crossing.origin.serve('/F', {body: 'content'})
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--session', 'gone', '--start-at', '1h', '-o', 'F', url])
    await crossing.run(['pause', id])
    await crossing.run(['sessions', 'remove', 'gone'])
    const run = await crossing.run(['resume', id])
    expect(run).toMatchObject({code: 116, stdout: ''})
    expect(explanation(run)).toMatchObject({
      why: 'The session gone was removed after it had been handed this',
      next: expect.stringContaining('ferry resume --background ID')
    })
    const next = await crossing.submit(['resume', '--background', id])
    expect(await crossing.run(['wait', next])).toMatchObject({code: 0})
    expect(readFileSync(crossing.path('F'), 'utf8')).toBe('content')
  })

  it('is known by its file, also while it waits to go on', async () => {
    const id = await paused()
    const next = await crossing.submit(['resume', '--start-at', '1h', id])
    expect(await crossing.task(next)).toMatchObject({state: 'waiting', path: crossing.path('F')})
    const {stdout} = await crossing.run(['tasks', next])
    expect(stdout).toMatch(new RegExp(`^${next} +waiting +- +- +F `, 'm'))
  })
})

it('A background task that finds its file in use fails, and is known by that file all the same', async () => {
  const held = heldResource('content', 3)
  crossing.origin.serve('/F', held)
  const words = ['get', '--background', '-o', 'F', crossing.origin.url('/F')]
  const first = await crossing.submit(words)
  await until(async () => (await crossing.task(first))?.bytes === 3)
  const second = await crossing.submit(words)
  expect(await crossing.run(['wait', second])).toMatchObject({code: 112})
  expect(await crossing.task(second)).toMatchObject({state: 'failed', path: crossing.path('F')})
  held.letGo()
  expect(await crossing.run(['wait', first])).toMatchObject({code: 0})
})

it('get --background says the hours of a window as they were meant, and nothing of one that is the whole day', async () => {
  crossing.origin.serve('/F', {body: 'content'})
  const during = async (window: string): Promise<string> =>
    (await crossing.run(['get', '--background', '--window', window, crossing.origin.url('/F')])).stderr
  expect(await during('4:00-3:59')).toContain(`into ${crossing.daemon.home}, between 04:00 and 03:59\n`)
  expect(await during('02:00-02:00')).toContain(`into ${crossing.daemon.home}\n`)
})

it('get --background names no ids of many, also not in CI, but says where they are', async () => {
  const words = ['get', '--background', '--start-at', '1h', '--no-remote-header-name']
  const urls = ['/1', '/2', '/3', '/4'].map(path => crossing.origin.url(path))
  const {stderr} = await crossing.run([...words, ...urls], {env: {CI: 'true'}})
  expect(stderr).toContain('Wait with: ferry wait --session background\n')
  expect(stderr).toContain('end the job with ferry wait and the ids that were printed\n')
})

it('get --background warns of an --on-complete that nobody could run, and of no other', async () => {
  crossing.origin.serve('/F', {body: 'content'})
  const words = ['get', '--background', '-o', 'F', crossing.origin.url('/F'), '--on-complete']
  const warning = 'warning: --on-complete: there is no such program as nosuch\n'
  const {code, stderr} = await crossing.run([...words, 'nosuch now'])
  expect({code, stderr}).toEqual({code: 0, stderr: expect.stringContaining(warning)})
  expect((await crossing.run([...words, 'true'])).stderr).not.toContain('no such program')
})
