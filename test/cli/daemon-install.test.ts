import {chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {daemonHome} from '../cli-run/daemon.ts'
import type {DaemonHome} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'

describe('ferry daemon install', () => {
  /** A systemctl that writes down what it is told. */
  function scriptedSystemctl(
    {home}: DaemonHome,
    code: number
  ): {env: Record<string, string>; told: () => string} {
    const [bin, record] = [join(home, 'bin'), join(home, 'told')]
    mkdirSync(bin)
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${record}'\nexit ${code}\n`)
    chmodSync(join(bin, 'systemctl'), 0o755)
    writeFileSync(record, '')
    const env = {FERRY_HOME: home, HOME: home, PATH: `${bin}:${process.env['PATH']}`}
    return {env, told: () => readFileSync(record, 'utf8')}
  }

  const run = (env: Record<string, string>, ...args: string[]) => startFerry(['daemon', ...args], {env}).done

  it('writes the units, enables them and says so; uninstall takes them away', async () => {
    const stage = daemonHome()
    const {env, told} = scriptedSystemctl(stage, 0)
    const daemon = await stage.start()
    const {code, stdout} = await run(env, 'install')
    const folder = join(stage.home, '.config', 'systemd', 'user')
    const units = readdirSync(folder)
    expect(code).toBe(0)
    expect(units).toHaveLength(2)
    for (const unit of units) expect(stdout).toContain(`Written: ${join(folder, unit)}`)
    expect(stdout).toContain('loginctl enable-linger')
    expect(told()).toMatch(
      /daemon-reload\n--user --no-pager enable --now ferry-\w+\.socket ferry-\w+\.service\n$/
    )
    // Its socket would be in the way of systemd's.
    await expect(daemon.done).resolves.toMatchObject({code: 0})
    expect((await run(env, 'uninstall')).code).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    expect(told()).toMatch(/disable --now .*\n.*daemon-reload\n$/)
  })

  it('says how to enable them where systemd cannot be reached', async () => {
    const stage = daemonHome()
    const {env} = scriptedSystemctl(stage, 1)
    const {code, stdout} = await run(env, 'install', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(stdout) as {done: string[]; next: string[]}
    expect(report.done).toHaveLength(2)
    expect(report.next.join('\n')).toContain('systemctl --user enable --now')
  })

  it('has nothing to take away where nothing was installed', async () => {
    const {env, told} = scriptedSystemctl(daemonHome(), 0)
    expect((await run(env, 'uninstall')).stdout).toContain('There is no service')
    expect(told()).toBe('')
  })
})
