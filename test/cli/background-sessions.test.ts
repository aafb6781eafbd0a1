import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {until} from '../cli-run/daemon.ts'
import type {Run} from '../cli-run/ferry.ts'
import {startDraftServer} from '../resumable-upload/draft-server.ts'
import type {DraftServer} from '../resumable-upload/draft-server.ts'
import {attached, showOf, tokenOf, withOneDone} from './attached.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'

describe('A background download that nobody follows', () => {
  it('has its file in place, and is not forgotten before it was acknowledged, whatever happens to the daemon [B10]', async () => {
    const {crossing, id} = await withOneDone()
    expect(crossing.text('F')).toBe('a file')
    const {pid} = await crossing.daemon.status()
    process.kill(pid ?? 0, 'SIGKILL')
    expect(await showOf(crossing)).toMatchObject({undelivered: 6, daemon: {tasks: {completed: 1}}})
    const ferry = attached(crossing)
    const token = await tokenOf(ferry)
    expect(await ferry.untilStdout(/task\.finished/)).toContain(id)
    expect(await crossing.run(['sessions', 'ack', 'background', token])).toMatchObject({code: 0})
    expect(await showOf(crossing)).toMatchObject({undelivered: 0})
    expect(crossing.text('F')).toBe('a file')
  })
})

describe('sessions show', () => {
  it('tells what the daemon has and who is attached apart, and starts neither [R72]', async () => {
    const {crossing} = await withOneDone()
    const {pid} = await crossing.daemon.status()
    const ferry = attached(crossing)
    await tokenOf(ferry)
    const tasks = {completed: 1, running: 0}
    const shown = await showOf(crossing)
    expect(shown).toMatchObject({daemon: {pid, tasks}, client: {attached: expect.any(Number)}})
    ferry.kill('SIGINT')
    await ferry.done
    await crossing.daemon.ferry('daemon', 'stop')
    expect(await showOf(crossing)).toMatchObject({daemon: {pid: null, tasks}, client: {attached: null}})
    expect((await crossing.daemon.status()).running).toBe(false)
    const {stdout} = await crossing.run(['sessions', 'show', 'background'])
    expect(stdout).toContain('1 completed')
    expect(stdout).toContain('Attached: nobody; 6 events not acknowledged')
  })
})

describe('sessions invalidate', () => {
  it('of a background session refuses new tasks with 112 until its tasks are done, then takes them [B12]', async () => {
    const crossing = await backgroundCrossing()
    const resource = heldResource('x'.repeat(300_000), 100_000)
    crossing.origin.serve('/H', resource)
    const get = ['get', '--background', '-o', 'H', crossing.origin.url('/H')]
    const id = await crossing.submit(get)
    expect(await crossing.run(['sessions', 'invalidate', 'background'])).toMatchObject({code: 0})
    const refused = await crossing.run(['get', '--background', '-o', 'G', crossing.origin.url('/H')])
    expect(refused).toMatchObject({code: 112, stderr: expect.stringContaining('invalidated')})
    resource.letGo()
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    await crossing.submit(['get', '--background', '-o', 'G', crossing.origin.url('/H')])
  })

  it('names what stands still, held or with the service, and nothing where all goes on', async () => {
    const crossing = await backgroundCrossing()
    const words = ['get', '--background', '--start-at', '1h', crossing.origin.url('/F'), '-o']
    const [held, other] = [await crossing.submit([...words, 'F']), await crossing.submit([...words, 'G'])]
    const invalidate = ['sessions', 'invalidate', 'background']
    expect(await crossing.run(invalidate)).toMatchObject({stderr: expect.not.stringContaining('still')})
    await crossing.run(['pause', '--hold', held])
    const {code, stderr} = await crossing.run(invalidate)
    expect(code).toBe(0)
    expect(stderr).toMatch(
      RegExp(`^warning: .* and they stand still: ${held}; ferry resume .*, ferry cancel `)
    )
    await crossing.run(['daemon', 'stop'])
    expect((await crossing.run(invalidate)).stderr).toContain(`they stand still: ${held} ${other}; `)
  })

  it('with --cancel ends what waits in a service that was stopped, too', async () => {
    const crossing = await backgroundCrossing()
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    await crossing.daemon.ferry('daemon', 'stop')
    expect(await crossing.run(['sessions', 'invalidate', 'background', '--cancel'])).toMatchObject({code: 0})
    expect(await crossing.task(id)).toMatchObject({state: 'cancelled'})
  })
})

describe('A daemon that is killed while it does what it was asked', () => {
  /** An upload of the background whose server does not answer any more when it is to be ended. */
  async function endless(): Promise<{crossing: BackgroundCrossing; id: string; server: DraftServer}> {
    const crossing = await backgroundCrossing()
    const stalled = {after: 100_000, connection: 'stall'} as const
    const server = await startDraftServer({
      progressEvery: 64 * 1024,
      faults: {create: [stalled], append: [stalled, stalled]}
    })
    onTestFinished(() => server.close())
    crossing.write('U', 'x'.repeat(1_000_000))
    const id = await crossing.submit(['upload', '--background', 'U', server.url('/U')])
    await until(() => server.resources.at(-1)?.offset === 100_000)
    return {crossing, id, server}
  }

  /** Kills the daemon when it has begun, and lets the next one have its answers. */
  async function killedAt(
    words: readonly string[],
    {crossing, server}: {crossing: BackgroundCrossing; server: DraftServer}
  ): Promise<Run> {
    const {pid} = await crossing.daemon.status()
    server.origin.welcome = 'stall'
    const before = server.origin.connections
    const asked = crossing.run(words)
    await until(() => server.origin.connections > before)
    process.kill(pid ?? 0, 'SIGKILL')
    server.origin.welcome = 'serve'
    return asked
  }

  it('is asked again by sessions invalidate: nothing counts as done that was not [fault 63]', async () => {
    const {crossing, id, server} = await endless()
    const run = await killedAt(['sessions', 'invalidate', 'background', '--cancel'], {crossing, server})
    expect(run).toMatchObject({code: 0, stderr: expect.stringContaining('1 transfer cancelled')})
    expect(run.stderr).not.toContain('does not answer')
    expect(await crossing.task(id)).toMatchObject({state: 'cancelled'})
  })

  it('is told of by cancel with 118, which can be said again', async () => {
    const {crossing, id, server} = await endless()
    const run = await killedAt(['cancel', id], {crossing, server})
    expect(run).toMatchObject({code: 118, stderr: expect.stringContaining('ended before it answered')})
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(await crossing.task(id)).toMatchObject({state: 'cancelled'})
  })
})

describe('What a command finds while no daemon runs', () => {
  it('is in the journal: tasks lists each task once, and says how it stands', async () => {
    const {crossing, id} = await withOneDone()
    const url = crossing.origin.url('/F')
    const later = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'L', url])
    const list = async (...flags: string[]): Promise<readonly unknown[]> => {
      const {stdout} = await crossing.run(['tasks', '--json', ...flags])
      return (JSON.parse(stdout) as {tasks: {id: string; state: string}[]}).tasks.map(task => [
        task.id,
        task.state
      ])
    }
    const [some, all] = [await list(), await list('--all')]
    expect(some).toEqual([[later, 'waiting']])
    expect(all).toEqual([
      [id, 'completed'],
      [later, 'waiting']
    ])
    await crossing.daemon.ferry('daemon', 'stop')
    expect(await list()).toEqual(some)
    expect(await list('--all')).toEqual(all)
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect((await crossing.daemon.status()).running).toBe(false)
    expect(readFileSync(join(crossing.daemon.home, 'F'), 'utf8')).toBe('a file')
  })

  it('is changed by the daemon, which is started for it', async () => {
    const crossing = await backgroundCrossing()
    const url = crossing.origin.url('/F')
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', '-o', 'F', url])
    await crossing.daemon.ferry('daemon', 'stop')
    expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
    expect(await crossing.task(id)).toMatchObject({state: 'cancelled'})
  })
})
