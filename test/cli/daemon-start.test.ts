import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  statSync,
  utimesSync
} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {daemonHome, isAlive, until} from '../cli-run/daemon.ts'
import {leaveWork, startDaemonOf as start} from '../cli-run/daemon-start.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'

describe('The daemon', () => {
  it('that many ask for at once is started once, and each of them gets its answer', async () => {
    const stage = daemonHome()
    const facts = await Promise.all(Array.from({length: 20}, () => start(stage)))
    expect(new Set(facts.map(({pid}) => pid)).size).toBe(1)
    expect(stage.log().match(/is there/g)).toHaveLength(1)
  })

  it('has a session of its own, no terminal, no folder of its starter, and its log for its words', async () => {
    const stage = daemonHome()
    const {pid} = await start(stage)
    const [sid, terminal] = execFileSync('ps', ['-o', 'sid=,tty=', '-p', String(pid)])
      .toString()
      .trim()
      .split(/\s+/)
    expect(sid).toBe(String(pid))
    expect(terminal).toBe('?')
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/')
    const log = join(stage.home, 'state', 'background', 'daemon.log')
    expect([0, 1, 2].map(each => readlinkSync(`/proc/${pid}/fd/${each}`))).toEqual(['/dev/null', log, log])
  })

  it('knows nothing of the environment of its starter but where things are', async () => {
    const stage = daemonHome()
    const secret = canary('environment')
    const {pid} = await start(stage, {
      GITHUB_TOKEN: secret,
      https_proxy: `http://me:${secret}@127.0.0.1:1`,
      NODE_OPTIONS: '--no-warnings',
      LANG: 'C.UTF-8'
    })
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
    expect(variables.map(each => each.split('=')[0]).toSorted()).toEqual([
      'FERRY_HOME',
      'HOME',
      'LANG',
      'PATH'
    ])
  })

  it('goes on when its terminal is closed, and when it is told to hang up', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    const terminal = startOnTerminal(['tasks'], {env: {FERRY_HOME: stage.home}})
    await terminal.done
    await until(async () => (await stage.status()).running)
    const {pid} = await stage.status()
    process.kill(pid ?? 0, 'SIGHUP')
    expect(await stage.status()).toMatchObject({running: true, pid})
  })

  it('keeps everything it makes for its user alone', async () => {
    const stage = daemonHome()
    await start(stage)
    const modes = ['run', 'state', 'state/background'].map(
      each => statSync(join(stage.home, each)).mode & 0o777
    )
    expect(modes).toEqual([0o700, 0o700, 0o700])
    const files = [...readdirSync(join(stage.home, 'run')).map(each => join('run', each))].concat(
      readdirSync(join(stage.home, 'state', 'background')).map(each => join('state', 'background', each))
    )
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) expect(statSync(join(stage.home, file)).mode & 0o777, file).toBe(0o600)
  })

  it('is not started where others can enter the runtime folder [fault 63]', async () => {
    const stage = daemonHome()
    mkdirSync(join(stage.home, 'run'), {mode: 0o777})
    chmodSync(join(stage.home, 'run'), 0o777)
    await expect(start(stage)).rejects.toMatchObject({code: 'REFUSED'})
    expect(existsSync(join(stage.home, 'state'))).toBe(false)
    const itself = await stage.ferry('daemon', 'run')
    expect(itself.code).toBe(113)
    expect(stage.log()).toContain('is open to other users')
    expect((await stage.ferry('daemon', 'status')).code).toBe(113)
    expect(readdirSync(join(stage.home, 'run'))).toEqual([])
  })

  it('that cannot begin is told of with the reason from its log', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    mkdirSync(join(stage.home, 'state', 'background', 'journal.sqlite'))
    await expect(start(stage)).rejects.toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      message: expect.stringMatching(/did not start: .*journal\.sqlite/)
    })
  })

  it('takes the place of one that was killed, whose socket is still there [fault 63]', async () => {
    const stage = daemonHome()
    const {pid} = await start(stage)
    process.kill(pid, 'SIGKILL')
    await until(() => !isAlive(pid))
    expect(existsSync(join(stage.home, 'run', 'daemon.sock'))).toBe(true)
    const next = await start(stage)
    expect(next.pid).not.toBe(pid)
    expect((await stage.status()).pid).toBe(next.pid)
  })
})

describe('A command', () => {
  it('starts the daemon where tasks wait for it, and none where there is one', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    expect((await stage.ferry('tasks')).code).toBe(0)
    await until(() => existsSync(join(stage.home, 'run', 'daemon.sock')))
    await stage.ferry('tasks')
    expect(stage.log().match(/is there/g)).toHaveLength(1)
    expect(stage.log()).not.toContain('another')
  })

  it('says once why the daemon cannot begin, and does not start it again for a while', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    const journal = join(stage.home, 'state', 'background', 'journal.sqlite')
    mkdirSync(journal)
    const attempts = (): number => stage.log().match(/cannot begin/g)?.length ?? 0
    expect((await stage.ferry('tasks')).stderr).not.toContain('could not begin')
    await until(() => existsSync(join(stage.home, 'state', 'background', 'daemon.log')) && attempts() > 0)
    expect((await stage.ferry('sessions', '--quiet')).stderr).toBe('')
    const said = [await stage.ferry('sessions'), await stage.ferry('sessions')].map(({stderr}) => stderr)
    expect(said.filter(text => /^warning: .*could not begin: .*journal\.sqlite/.test(text))).toHaveLength(1)
    expect(attempts()).toBe(1)
    rmdirSync(journal)
    const aMinuteAgo = Date.now() / 1000 - 61
    utimesSync(join(stage.home, 'state', 'background', 'revived'), aMinuteAgo, aMinuteAgo)
    await stage.ferry('sessions')
    await until(async () => (await stage.status()).running)
  })

  it('starts the next daemon at once where the one before had begun', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    await stage.ferry('sessions')
    await until(async () => (await stage.status()).running)
    const {pid} = await stage.status()
    process.kill(pid ?? 0, 'SIGKILL')
    await until(() => !isAlive(pid ?? 0))
    leaveWork(stage)
    await stage.ferry('sessions')
    await until(async () => (await stage.status()).running)
  })

  it.each([
    {args: ['daemon', 'status'], why: 'asks about the daemon'},
    {args: ['get', '--ephemeral', 'http://127.0.0.1:1/', '--retry', '0'], why: 'leaves no traces'},
    {
      args: ['get', '--session', 'ephemeral', 'http://127.0.0.1:1/', '--retry', '0'],
      why: 'names the session without traces'
    }
  ])('starts none when it $why', async ({args}) => {
    const stage = daemonHome()
    leaveWork(stage)
    await stage.ferry(...args)
    expect(existsSync(join(stage.home, 'state', 'background', 'daemon.log'))).toBe(false)
  })

  it('ends as it would without one when the daemon cannot be started', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    chmodSync(join(stage.home, 'state', 'background'), 0o755)
    const {code, stderr} = await stage.ferry('sessions')
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
  })
})
