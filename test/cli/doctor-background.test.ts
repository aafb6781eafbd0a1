import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {isAlive, until} from '../cli-run/daemon.ts'
import {backgroundCrossing} from './background-crossing.ts'
import {diagnose} from './diagnosis.ts'
import type {Diagnosis} from './diagnosis.ts'

const serviceFile = 'config/systemd/user/ferry'

it('doctor tells of a background service that has never run, and starts none', async () => {
  const {daemon} = await backgroundCrossing()
  const {about} = await diagnose([], {cwd: daemon.home, env: {FERRY_HOME: daemon.home}})
  expect(about('background', 'ok')).toEqual(['does not run: it has nothing to do, and starts when it has'])
  expect(await daemon.status()).toMatchObject({running: false})
})

it('doctor tells what it does, where its journal and its log are, and who starts it again', async () => {
  const crossing = await backgroundCrossing()
  const {home, status} = crossing.daemon
  const look = (): Promise<Diagnosis> =>
    diagnose([], {cwd: home, env: {FERRY_HOME: home, XDG_CONFIG_HOME: join(home, 'config')}})
  crossing.origin.serve('/F', {body: 'content'})
  const later = ['get', '--background', '--start-at', '1h', crossing.origin.url('/F')]
  await crossing.submit(later)
  const {pid} = await status()
  const {about} = await look()
  expect(about('background', 'ok')).toEqual([
    `runs: process ${pid}; tasks: 1 waiting`,
    expect.stringMatching(`^journal: ${home}/state/background/journal.sqlite, \\d`),
    `log: ${home}/state/background/daemon.log`
  ])
  expect(about('background', 'note')[0]).toContain('ferry daemon install')
  await crossing.run(['daemon', 'install'], {env: {XDG_CONFIG_HOME: join(home, 'config')}})
  await crossing.run(['daemon', 'stop'])
  const stopped = await look()
  expect(stopped.about('background', 'note')).toEqual([expect.stringMatching(/^was stopped/)])
  expect(stopped.about('background', 'ok').join()).toContain(join(home, serviceFile))
})

it('doctor leaves it to the next command to start a service that was killed', async () => {
  const crossing = await backgroundCrossing()
  const {home, status} = crossing.daemon
  await crossing.submit(['get', '--background', '--start-at', '1h', crossing.origin.url('/F')])
  const pid = (await status()).pid ?? 0
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid))
  const {about} = await diagnose([], {cwd: home, env: {FERRY_HOME: home}})
  expect(about('background', 'note')[0]).toMatch(/^does not run although tasks wait/)
  expect(existsSync(join(home, 'state/background/revived'))).toBe(false)
  expect(await status()).toMatchObject({running: false, unfinished: true})
  await crossing.run(['sessions'])
  await until(async () => (await status()).running)
})

it('doctor says of a journal that cannot be read why, and of one that was put aside where it is', async () => {
  const crossing = await backgroundCrossing()
  const {home} = crossing.daemon
  crossing.origin.serve('/F', {body: 'content'})
  await crossing.run(['wait', await crossing.submit(['get', '--background', crossing.origin.url('/F')])])
  await crossing.run(['daemon', 'stop'])
  const journal = join(home, 'state/background/journal.sqlite')
  writeFileSync(`${journal}.damaged-1`, 'once', {mode: 0o600})
  writeFileSync(journal, 'no database at all, but long enough to have a head of its own'.repeat(20))
  const {code, about} = await diagnose([], {cwd: home, env: {FERRY_HOME: home}})
  expect(code).toBe(0)
  expect(about('background', 'warning')).toEqual([
    expect.stringContaining(journal),
    `a damaged journal was put aside: ${journal}.damaged-1`
  ])
})
