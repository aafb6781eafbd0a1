import {describe, expect, it} from 'vitest'
import {isAlive, until} from '../cli-run/daemon.ts'
import {runInShell} from '../cli-run/shell.ts'
import {attached, linesIn, showOf, tokenOf, withOneDone} from './attached.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'

const attachedIn = (shown: Record<string, unknown>): unknown =>
  (shown['client'] as {attached: unknown}).attached

describe('sessions attach', () => {
  it('prints what has happened, in order, and ends when that is acknowledged with its token [R66, R67, R68]', async () => {
    const {crossing, id} = await withOneDone()
    const ferry = attached(crossing)
    const token = await tokenOf(ferry)
    expect(await crossing.run(['sessions', 'ack', 'background', token])).toMatchObject({code: 0, stdout: ''})
    const {code, stdout} = await ferry.done
    expect(code).toBe(0)
    const lines = linesIn(stdout)
    expect(lines.map(({event}) => event)).toEqual([
      'task.created',
      'task.started',
      'task.response',
      'task.finished',
      'task.metrics',
      'task.completed',
      'session.eventsFinished',
      'session.invalidated'
    ])
    expect(lines.slice(0, 6).map(({seq, task}) => [seq, task])).toEqual(
      [0, 1, 2, 3, 4, 5].map(seq => [seq, id])
    )
  })

  it('can be repeated at once under the same name, and nothing acknowledged comes again [R69, R70]', async () => {
    const {crossing} = await withOneDone()
    const first = attached(crossing)
    const token = await tokenOf(first)
    await crossing.run(['sessions', 'ack', 'background', token])
    await first.done
    const second = attached(crossing)
    expect(await tokenOf(second)).toBe(token)
    expect(await crossing.run(['sessions', 'ack', 'background', token])).toMatchObject({code: 0})
    const {code, stdout} = await second.done
    expect(code).toBe(0)
    expect(linesIn(stdout).map(({event}) => event)).toEqual(['session.eventsFinished', 'session.invalidated'])
  })

  it('ends with 23 where what happens cannot be printed, and holds the session no longer', async () => {
    const {crossing} = await withOneDone()
    const env = {FERRY_HOME: crossing.daemon.home}
    const run = await runInShell('ferry sessions attach background >/dev/full', {env})
    expect(run, run.stderr).toMatchObject({code: 23, stderr: expect.stringContaining('NO_SPACE')})
    expect(attachedIn(await showOf(crossing))).toBeNull()
  })

  it('tells everything again that was not acknowledged, also after the daemon was killed [B9, B11]', async () => {
    const {crossing} = await withOneDone()
    const first = attached(crossing)
    const token = await tokenOf(first)
    const {pid} = await crossing.daemon.status()
    process.kill(pid ?? 0, 'SIGKILL')
    expect(await first.done).toMatchObject({code: 118, stderr: expect.stringContaining('DAEMON_UNREACHABLE')})
    const second = attached(crossing)
    expect(await tokenOf(second)).toBe(token)
    second.kill('SIGINT')
    const [before, again] = await Promise.all([first.done, second.done])
    const told = (text: string): unknown => linesIn(text).filter(({event}) => event.startsWith('task.'))
    expect(told(again.stdout)).toEqual(told(before.stdout))
  })

  it('is detached by ^C with 130, and the transfers go on', async () => {
    const crossing = await backgroundCrossing()
    const resource = heldResource('x'.repeat(300_000), 100_000)
    crossing.origin.serve('/H', resource)
    const id = await crossing.submit(['get', '--background', '-o', 'H', crossing.origin.url('/H')])
    const ferry = attached(crossing)
    await ferry.untilStdout(/task\.response/)
    ferry.kill('SIGINT')
    expect(await ferry.done).toMatchObject({code: 130, stderr: expect.stringContaining('go on')})
    resource.letGo()
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
  })

  it('ends well when its reader has seen enough', async () => {
    const {crossing} = await withOneDone()
    const ferry = attached(crossing)
    await tokenOf(ferry)
    ferry.child.stdout?.destroy()
    await crossing.submit(['get', '--background', '-o', 'G', crossing.origin.url('/F')])
    expect((await ferry.done).code).toBe(0)
  })

  it('refuses a second one with 112 and the process of the first, and another one after its kill not [R71, B2]', async () => {
    const {crossing} = await withOneDone()
    const first = attached(crossing)
    await tokenOf(first)
    const refused = await attached(crossing).done
    expect(refused).toMatchObject({code: 112, stdout: ''})
    const [, owner = '0'] = /Process (\d+) is attached/.exec(refused.stderr) ?? []
    expect(isAlive(Number(owner))).toBe(true)
    process.kill(Number(owner), 'SIGKILL')
    await until(async () => attachedIn(await showOf(crossing)) === null)
    expect(await tokenOf(attached(crossing))).not.toBe('')
  })

  it('is for background sessions that there are: another kind is wrong usage, an unknown one 116', async () => {
    const {run} = await backgroundCrossing()
    expect(await run(['sessions', 'attach', 'shared'])).toMatchObject({code: 2})
    expect(await run(['sessions', 'attach', 'nobody'])).toMatchObject({code: 116})
    expect(await run(['sessions', 'ack', 'shared', '0.x'])).toMatchObject({code: 2})
    expect(await run(['sessions', 'ack', 'background'])).toMatchObject({code: 2})
  })
})

describe('sessions ack', () => {
  it('is the same once or twice; a wrong token is 2 and forgets nothing [B11]', async () => {
    const {crossing} = await withOneDone()
    const ferry = attached(crossing)
    const token = await tokenOf(ferry)
    expect(await crossing.run(['sessions', 'ack', 'background', `${token}x`])).toMatchObject({code: 2})
    expect(await showOf(crossing)).toMatchObject({undelivered: 6})
    for (const _ of [1, 2])
      expect(await crossing.run(['sessions', 'ack', 'background', token])).toMatchObject({code: 0})
    expect(await showOf(crossing)).toMatchObject({undelivered: 0})
  })

  it('starts the daemon where it has left in the meantime', async () => {
    const {crossing} = await withOneDone()
    const ferry = attached(crossing)
    const token = await tokenOf(ferry)
    ferry.kill('SIGINT')
    await ferry.done
    await crossing.daemon.ferry('daemon', 'stop')
    expect(await crossing.run(['sessions', 'ack', 'background', token])).toMatchObject({code: 0})
    expect(await showOf(crossing)).toMatchObject({undelivered: 0})
  })
})
