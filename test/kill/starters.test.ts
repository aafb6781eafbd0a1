import {expect, it} from 'vitest'
import {daemonHome, until} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'

it('the daemon is one, however many want to be it at the same moment [fault 63]', async () => {
  const many = 50
  const stage = daemonHome()
  const starters = Array.from({length: many}, () =>
    startFerry(['daemon', 'run', '--idle', '60'], {env: {FERRY_HOME: stage.home}})
  )
  await until(() => starters.filter(({child}) => child.exitCode !== null).length === many - 1)
  const {pid} = await stage.status()
  const alive = starters.filter(({child}) => child.exitCode === null)
  expect(alive.map(each => each.pid)).toEqual([pid])
  const ended = starters.filter(({child}) => child.exitCode !== null)
  expect(new Set(ended.map(({child}) => child.exitCode))).toEqual(new Set([0]))
  expect((await stage.ferry('daemon', 'stop')).code).toBe(0)
  await expect(alive[0]?.done).resolves.toMatchObject({code: 0})
})
