import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {daemonHome, until} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {FakeClock} from '../servers/fake-clock.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const body = seededBytes(1_000_000, 61)
const resource = {body, entityTag: '"v1"'}

/** The variables of a shell in which `$NODE $FERRY` is the built program. */
function shellEnvironment(home: string, variables: Readonly<Record<string, string>>): Record<string, string> {
  const program = {NODE: process.execPath, FERRY: binary, FERRY_HOME: home, HOME: home, SHELL: '/bin/sh'}
  return {PATH: process.env['PATH'] ?? '', ...program, ...variables}
}

it('a background download goes on when the terminal is closed from which it was started', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {...resource, faults: [{limit: 400_000}]})
  const stage = daemonHome()
  const script = '"$NODE" "$FERRY" get --background -o F "$URL"; echo handed over; sleep 60'
  const terminal = spawn('script', ['--quiet', '--flush', '--command', script, '/dev/null'], {
    cwd: stage.home,
    env: shellEnvironment(stage.home, {URL: origin.url('/F')}),
    stdio: ['pipe', 'pipe', 'inherit']
  })
  onTestFinished(() => void terminal.kill('SIGKILL'))
  let screen = ''
  terminal.stdout.on('data', (piece: Buffer) => (screen += piece.toString()))
  await until(() => screen.includes('handed over'))
  await origin.untilRequests(1)
  const ended = once(terminal, 'close')
  terminal.kill('SIGKILL')
  await ended
  const [id = ''] = /^[0-9a-z]{6,40}(?=\r?$)/m.exec(screen) ?? []
  expect((await stage.ferry('wait', id)).code, screen).toBe(0)
  expect(readFileSync(join(stage.home, 'F')).equals(body)).toBe(true)
  expect(origin.requests).toHaveLength(1)
})

it('a download waits for room on a full disk, and goes on when there is some [fault 48]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', resource)
  const stage = daemonHome()
  mkdirSync(join(stage.home, 'disk'))
  const script = `set -e
    cd "$FERRY_HOME"
    mount -t tmpfs -o size=512k tmpfs disk
    id=$("$NODE" "$FERRY" get --background -o disk/F "$URL")
    until "$NODE" "$FERRY" tasks --json | grep -q '"state": "waiting"'; do sleep 0.2; done
    "$NODE" "$FERRY" sessions attach background >events &
    until grep -qs task.waiting events; do sleep 0.2; done
    kill $!
    mount -o remount,size=4m disk
    "$NODE" "$FERRY" wait "$id"
    cp disk/F "$FERRY_HOME/F"
    ls -A disk`
  const shell = spawn('unshare', ['-m', 'sh', '-c', script], {
    env: shellEnvironment(stage.home, {URL: origin.url('/F')}),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  const [said, complaints, [code]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'close')
  ])
  expect(code, `tmpfs can be mounted here (root and unshare), and every step works: ${complaints}`).toBe(0)
  expect(readFileSync(join(stage.home, 'F')).equals(body)).toBe(true)
  expect(said.trim().split('\n').at(-1)).toBe('F')
  const told = readFileSync(join(stage.home, 'events'), 'utf8')
  expect(told).not.toContain('task.completed')
})

it('a clock that moves by a year while the daemon works changes nothing for its downloads [fault 66]', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {...resource, faults: [{limit: 400_000}]})
  const stage = daemonHome()
  const clock = new FakeClock('right')
  startFerry(['daemon', 'run', '--idle', '60'], {env: {FERRY_HOME: stage.home, ...clock.env}})
  await until(async () => (await stage.status()).running)
  const url = origin.url('/F')
  const id = (await stage.ferry('get', '--background', '--max-time', '600', '-o', 'F', url)).stdout.trim()
  await origin.untilRequests(1)
  clock.set('a year ahead')
  const next = (await stage.ferry('get', '--background', '-o', 'G', url)).stdout.trim()
  expect((await stage.ferry('wait', next)).code).toBe(0)
  clock.set('right')
  expect((await stage.ferry('wait', id)).code).toBe(0)
  for (const name of ['F', 'G']) expect(readFileSync(join(stage.home, name)).equals(body)).toBe(true)
  expect(origin.requests).toHaveLength(2)
})
