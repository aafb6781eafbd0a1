import {beforeEach, describe, expect, it} from 'vitest'
import {until} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import type {TaskFacts} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
})

describe('a background task that waits to try again', () => {
  it('is listed with what the attempt before failed by, and no longer once it goes on', async () => {
    let isBusy = true
    crossing.origin.on('/F', (...asked) => respond(isBusy ? 503 : 200, {}, 'content')(...asked))
    const words = ['get', '--background', '--retry-delay', '2', '--retry', '1000', '-o', 'F']
    const id = await crossing.submit([...words, crossing.origin.url('/F')])
    const reason = {code: 'HTTP_STATUS', message: 'The server answered 503 Service Unavailable', exitCode: 22}
    let found: TaskFacts | undefined
    await until(async () => (found = await crossing.task(id))?.['waitsAfter'] !== undefined)
    expect(found).toMatchObject({state: 'waiting', error: null, waitsAfter: reason})
    const line = `Waits, and tries again:\n  ${id}  F: ${reason.message} (HTTP_STATUS)\n`
    await until(async () => (await crossing.run(['tasks'])).stdout.includes(line))
    isBusy = false
    await crossing.run(['wait', id])
    expect(await crossing.task(id)).not.toHaveProperty('waitsAfter')
    expect((await crossing.run(['tasks', '--all'])).stdout).not.toContain('Waits')
  })
})

describe('a background task that has not begun', () => {
  it('is listed under the name that its address has, until the server may give it another', async () => {
    const url = crossing.origin.url('/images/first%20disk.iso?token=x')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', url])
    const {stdout} = await crossing.run(['tasks'])
    expect(stdout).toMatch(new RegExp(`^${id} +waiting +- +- +first disk.iso +ferry pause`, 'm'))
  })
})

describe('wait', () => {
  it('says what the tasks wait for where it takes longer than a moment, and with -q nothing', async () => {
    crossing.origin.on('/F', respond(503))
    const words = ['get', '--background', '--retry-delay', '3600', '-o', 'F', crossing.origin.url('/F')]
    const busy = await crossing.submit(words)
    const later = await crossing.submit([
      'get',
      '--background',
      '--start-at',
      '1h',
      crossing.origin.url('/G')
    ])
    const env = {FERRY_HOME: crossing.daemon.home}
    const loud = startFerry(['wait', busy, later], {env})
    const quiet = startFerry(['wait', '-q', busy, later], {env})
    await loud.untilStderr(/^F waits, and tries again: The server answered 503 .*HTTP_STATUS\)$/m)
    await loud.untilStderr(/^G begins later: \d{4}-\d\d-\d\d \d\d:\d\d$/m)
    await crossing.run(['cancel', busy, later])
    expect(await quiet.done).toMatchObject({code: 115, stderr: ''})
    expect(await loud.done).toMatchObject({code: 115})
  })
})

/** Two that have begun, whose first answers do not come to an end. */
async function twoWaiting(): Promise<readonly [string, string]> {
  const stalled = {stallAfter: 200_000}
  crossing.origin.serve('/F', {body: seededBytes(400_000, 1), entityTag: '"v1"', faults: [stalled, stalled]})
  crossing.origin.serve('/G', {body: 'content'})
  const words = ['get', '--background', crossing.origin.url('/F'), '-o']
  const ids = [await crossing.submit([...words, 'one']), await crossing.submit([...words, 'other'])] as const
  await until(() => crossing.origin.requestsOf('/F').length === 2)
  return ids
}

describe('a background service that somebody has stopped', () => {
  it('is the reason that tasks gives for what waits, until something is resumed', async () => {
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    const reason = `The background service was stopped: ferry resume ${id} starts it, and all that waits goes on.\n`
    expect((await crossing.run(['tasks'])).stdout).not.toContain('stopped')
    await crossing.run(['daemon', 'stop'])
    expect((await crossing.run(['tasks'])).stdout).toContain(reason)
    await crossing.run(['resume', id])
    expect((await crossing.run(['tasks'])).stdout).not.toContain('stopped')
  })

  it('is none for a transfer of a terminal that waits to try again', async () => {
    const {home} = crossing.daemon
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    await crossing.run(['daemon', 'stop'])
    crossing.origin.on('/busy', respond(503, {'Retry-After': '600'}))
    const words = ['get', '--retry-max-time', '900', crossing.origin.url('/busy')]
    const waiting = startFerry(words, {cwd: home, env: {FERRY_HOME: home}})
    await waiting.untilStderr(/waiting/)
    let tasks: readonly object[] = []
    await until(async () => {
      const {stdout} = await crossing.run(['tasks', '--json'])
      tasks = (JSON.parse(stdout) as {tasks: readonly object[]}).tasks
      return tasks.length === 2
    })
    expect(tasks).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({id, state: 'waiting', actions: ['resume', 'pause', 'cancel']}),
        expect.objectContaining({pid: waiting.pid, state: 'waiting', actions: ['pause', 'cancel']})
      ])
    )
    expect((await crossing.run(['tasks'])).stdout).toContain(`ferry resume ${id} starts it`)
    waiting.kill('SIGINT')
    await waiting.done
  })

  it.each([
    ['cancelled', ['cancel'], 'cancelled'],
    ['paused', ['pause'], 'paused'],
    ['held', ['pause', '--hold'], 'suspended']
  ])('stays so when one task is %s, and lets all go on when one is resumed', async (_what, words, state) => {
    const [one, other] = await twoWaiting()
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.run([...words, one])).toMatchObject({code: 0})
    expect(await crossing.task(one)).toMatchObject({state})
    expect(await crossing.daemon.status()).toMatchObject({running: true, stopped: true})
    expect(await crossing.task(other)).toMatchObject({
      state: 'waiting',
      actions: ['resume', 'pause', 'cancel']
    })
    expect((await crossing.run(['tasks'])).stdout).toMatch(RegExp(`^${other} .* ferry resume ${other}$`, 'm'))
    expect(await crossing.run(['resume', other])).toMatchObject({code: 0, stdout: `${other}\n`})
    expect(await crossing.run(['wait', other])).toMatchObject({code: 0})
    expect(crossing.origin.requestsOf('/F')).toHaveLength(3)
  })

  it('lets all go on that are resumed at once, and those that are added', async () => {
    const ids = await twoWaiting()
    await crossing.run(['daemon', 'stop'])
    expect(await crossing.run(['resume', ...ids])).toMatchObject({code: 0, stdout: `${ids.join('\n')}\n`})
    await crossing.run(['daemon', 'stop'])
    await crossing.run(['cancel', ids[0]])
    await crossing.submit(['get', '--background', '-o', 'G', crossing.origin.url('/G')])
    expect(await crossing.run(['wait', ids[1]])).toMatchObject({code: 0})
  })
})
