import {existsSync, mkdirSync, readFileSync, readdirSync, statSync} from 'node:fs'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import {openJournal} from '../../src/control/background/journal/sqlite-journal.ts'
import {SessionConfiguration} from '../../src/engine/index.ts'
import {daemonHome, isAlive, until} from '../cli-run/daemon.ts'
import type {DaemonHome} from '../cli-run/daemon.ts'
import {submitTo} from '../control/background/journal-task.ts'
import {startOrigin} from '../origin/origin.ts'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const day = 24 * 3600 * 1000

/** A task, as a command would have handed it over; it begins tomorrow unless told. */
async function leaveTask(
  {home}: DaemonHome,
  {url = 'http://127.0.0.1:1/', begin = Date.now() + day}: {url?: string; begin?: number} = {}
): Promise<void> {
  mkdirSync(join(home, 'state'), {mode: 0o700})
  const journal = await openJournal({
    folder: join(home, 'state', 'background'),
    report: error => expect.fail(error.message)
  })
  submitTo(journal, {
    session: 'background',
    snapshot: {keys: SessionConfiguration.background('background').keys, onComplete: null, environment: {}},
    tasks: [
      {
        id: 'later1',
        label: null,
        priority: 0.5,
        earliestBegin: begin,
        work: {
          kind: 'download',
          request: {url, method: 'GET', headers: []},
          options: {directory: home, fileName: 'later'}
        }
      }
    ]
  })
  journal.close()
}

const marks = ({home}: DaemonHome): readonly string[] =>
  readdirSync(join(home, 'state', 'background')).filter(name => ['unfinished', 'stopped'].includes(name))

describe('ferry daemon status', () => {
  it('says that none runs, ends with 0 and makes nothing', async () => {
    const stage = daemonHome()
    const {code, stdout} = await stage.ferry('daemon', 'status')
    expect(code).toBe(0)
    expect(stdout).toContain('does not run')
    expect(await stage.status()).toEqual({running: false, pid: null, unfinished: false, stopped: false})
    expect(readdirSync(stage.home)).toEqual(['cache'])
  })

  it('says what runs: process, version, tasks, memory, log', async () => {
    const stage = daemonHome()
    const {pid} = await stage.start()
    const {stdout} = await stage.ferry('daemon')
    expect(stdout).toMatch(new RegExp(`Process: ${pid}, ferry \\d+\\.\\d+\\.\\d+`))
    expect(stdout).toContain('Tasks: none')
    expect(stdout).toContain(join(stage.home, 'state', 'background', 'daemon.log'))
    expect(await stage.status()).toMatchObject({running: true, pid, tasks: {waiting: 0, running: 0}})
  })

  it.each(['status x', 'stop x', 'install x', 'uninstall x', 'restart'])(
    'refuses words that it does not know: daemon %s',
    async words => {
      expect((await daemonHome().ferry('daemon', ...words.split(' '))).code).toBe(2)
    }
  )

  it('is in the help, and the daemon itself is not', async () => {
    const {stdout} = await daemonHome().ferry('daemon', '--help')
    for (const word of ['status', 'stop', 'install', 'uninstall']) expect(stdout).toContain(`daemon ${word}`)
    expect(stdout).not.toContain('daemon run')
  })

  it('can be run by hand, which has a page of its own and a longest idleness', async () => {
    const {ferry} = daemonHome()
    const {code, stdout} = await ferry('daemon', 'run', '--help')
    expect({code, stdout}).toEqual({code: 0, stdout: expect.stringContaining('--idle=TIME')})
    expect(await ferry('daemon', 'run', '--idle', '30d')).toMatchObject({code: 2})
  })
})

describe('ferry daemon stop', () => {
  it('returns when the process has gone, and leaves no socket', async () => {
    const stage = daemonHome()
    const daemon = await stage.start()
    const {code, stderr} = await stage.ferry('daemon', 'stop')
    expect({code, stderr}).toEqual({code: 0, stderr: expect.stringContaining(`process ${daemon.pid}`)})
    expect(isAlive(daemon.pid ?? 0)).toBe(false)
    expect(readdirSync(join(stage.home, 'run'))).toEqual([])
    await expect(daemon.done).resolves.toMatchObject({code: 0})
  })

  it('has nothing to do where none runs', async () => {
    const {code, stderr} = await daemonHome().ferry('daemon', 'stop')
    expect({code, stderr}).toEqual({code: 0, stderr: expect.stringContaining('nothing to stop')})
  })

  it('keeps the tasks, and nothing but a command for tasks lets them go on [B13]', async () => {
    const stage = daemonHome()
    await leaveTask(stage)
    await stage.start('0.2')
    expect(marks(stage)).toEqual(['unfinished'])
    expect((await stage.ferry('daemon', 'stop')).stderr).toContain('1 task will go on')
    expect(marks(stage)).toEqual(['stopped'])
    await stage.ferry('tasks')
    expect((await stage.status()).running).toBe(false)
    expect((await stage.ferry('daemon')).stdout).toContain('was stopped')
    await stage.start()
    expect(marks(stage)).toEqual(['stopped'])
    await stage.ferry('resume', 'later1')
    expect(marks(stage)).toEqual(['unfinished'])
    expect(await stage.status()).toMatchObject({tasks: {waiting: 1}})
  })

  it('counts a held task where everything ends, and not where it would not go on anyway', async () => {
    const stage = daemonHome()
    await leaveTask(stage)
    await stage.start()
    await stage.ferry('pause', '--hold', 'later1')
    const held = /has ended \(process \d+\)\.\n$/
    expect((await stage.ferry('daemon', 'stop')).stderr).toMatch(held)
    await stage.start()
    expect((await stage.ferry('daemon', 'stop', '--cancel')).stderr).toContain('1 task cancelled')
  })

  it('ends the tasks with --cancel, and then there is nothing left to do [B13]', async () => {
    const stage = daemonHome()
    await leaveTask(stage)
    await stage.start()
    expect((await stage.ferry('daemon', 'stop', '--cancel')).stderr).toContain('1 task cancelled')
    expect(marks(stage)).toEqual([])
    await stage.start()
    expect(await stage.status()).toMatchObject({tasks: {waiting: 0, cancelled: 1}})
  })
})

describe('The daemon', () => {
  it('does what the one before has left, with the modes of any other download', async () => {
    const stage = daemonHome()
    const origin = await startOrigin()
    onTestFinished(() => origin.close())
    origin.serve('/file', {body: 'content'})
    await leaveTask(stage, {url: origin.url('/file'), begin: Date.now()})
    expect((await stage.ferry('daemon', 'run', '--idle', '0.3')).code).toBe(0)
    expect(readFileSync(join(stage.home, 'later'), 'utf8')).toBe('content')
    expect(statSync(join(stage.home, 'later')).mode & 0o777).toBe(0o666 & ~process.umask())
    expect(marks(stage)).toEqual([])
  })

  it('that is told to end by a signal leaves its tasks for the next one', async () => {
    const stage = daemonHome()
    await leaveTask(stage)
    const daemon = await stage.start()
    daemon.kill('SIGTERM')
    await expect(daemon.done).resolves.toMatchObject({code: 0})
    expect(marks(stage)).toEqual(['unfinished'])
    await stage.ferry('tasks')
    await until(async () => (await stage.status()).running)
    expect(await stage.status()).toMatchObject({tasks: {waiting: 1}})
  })

  it('leaves by itself when it has had nothing to do for a while, and stays as long as a task waits', async () => {
    const stage = daemonHome()
    expect((await stage.ferry('daemon', 'run', '--idle', '0.5')).code).toBe(0)
    expect(readdirSync(join(stage.home, 'run'))).toEqual([])
    const waiting = daemonHome()
    await leaveTask(waiting)
    const daemon = await waiting.start('0.1')
    await sleep(700)
    expect(daemon.child.exitCode).toBeNull()
  })

  it('costs nothing while it is idle: no timers, no work for the processor', async () => {
    const stage = daemonHome()
    const {pid} = await stage.start()
    const {resources, idleSince} = await stage.status()
    expect(idleSince).not.toBeNull()
    expect(resources).not.toContain('Timeout')
    const ticks = (): number => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return Number(fields[11]) + Number(fields[12])
    }
    // A tick is 10 ms; the collector may use the silence for one, and what was asked may still be tidied up.
    await until(async () => {
      const before = ticks()
      await sleep(2000)
      return ticks() - before <= 1
    })
  })

  it('takes the socket that systemd hands over, and leaves it where it is', async () => {
    const stage = daemonHome()
    const path = join(stage.home, 'run', 'daemon.sock')
    mkdirSync(join(stage.home, 'run'), {mode: 0o700})
    const activator = `import os, socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])`
    const words = [process.execPath, program, 'daemon', 'run', '--idle', '60']
    const child = spawn('python3', ['-c', activator, path, ...words], {
      env: {FERRY_HOME: stage.home, PATH: process.env['PATH'] ?? ''},
      stdio: 'ignore'
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    await until(async () => (await stage.status()).running)
    expect(await stage.status()).toMatchObject({pid: child.pid})
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(existsSync(path)).toBe(true)
  })

  it('leaves where another program listens for it', async () => {
    const stage = daemonHome()
    mkdirSync(join(stage.home, 'run'), {mode: 0o700})
    const other = createServer().listen(join(stage.home, 'run', 'daemon.sock'))
    await once(other, 'listening')
    const {code} = await stage.ferry('daemon', 'run')
    expect(code).toBe(0)
    expect(stage.log()).toContain('another program listens')
    expect(existsSync(join(stage.home, 'run', 'daemon.sock'))).toBe(true)
    other.close()
  })
})
