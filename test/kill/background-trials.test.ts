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

/** Runs a script that mounts a disk of its own, which nobody else sees. */
function shellOnDisk(script: string, {home, url}: {home: string; url: string}) {
  const shell = spawn('unshare', ['-m', 'sh', '-c', script], {
    env: shellEnvironment(home, {URL: url}),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  return shell
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
  const shell = shellOnDisk(script, {home: stage.home, url: origin.url('/F')})
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

it('a download that waits for room keeps its bytes when the daemon is killed meanwhile [fault 48]', async () => {
  await using origin = await startOrigin()
  const filled = Promise.withResolvers<void>()
  origin.serve('/F', {...resource, faults: [{holdAfter: {bytes: 400_000, until: filled.promise}}]})
  const stage = daemonHome()
  mkdirSync(join(stage.home, 'disk'))
  const script = `set -e
    cd "$FERRY_HOME"
    waits() { until "$NODE" "$FERRY" tasks --json | grep -q '"state": "waiting"'; do sleep 0.2; done; }
    mount -t tmpfs -o size=4m tmpfs disk
    id=$("$NODE" "$FERRY" get --background -o disk/F "$URL")
    until [ -s disk/F.part ]; do sleep 0.2; done
    head -c 8m /dev/zero >disk/full || echo full
    waits
    du -k disk/F.part
    pid=$("$NODE" "$FERRY" daemon status --json | sed -n 's/.*"pid": \\([0-9]*\\),/\\1/p')
    kill -9 "$pid"
    until ! kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    "$NODE" "$FERRY" tasks >&2
    until "$NODE" "$FERRY" daemon status --json | grep -q '"running": true'; do sleep 0.2; done
    waits
    rm disk/full
    "$NODE" "$FERRY" wait "$id"
    cp disk/F "$FERRY_HOME/F"
    ls -A disk`
  const shell = shellOnDisk(script, {home: stage.home, url: origin.url('/F')})
  let said = ''
  shell.stdout.on('data', (piece: Buffer) => {
    said += piece.toString()
    if (said.startsWith('full')) filled.resolve()
  })
  const [complaints, [code]] = await Promise.all([text(shell.stderr), once(shell, 'close')])
  expect(code, `tmpfs can be mounted here (root and unshare), and every step works: ${complaints}`).toBe(0)
  expect(readFileSync(join(stage.home, 'F')).equals(body)).toBe(true)
  expect(said.trim().split('\n').at(-1)).toBe('F')
  const [first, ...later] = origin.requests.map(({headers}) => headers.get('range'))
  expect(first).toBeUndefined()
  expect(later.length).toBeGreaterThan(0)
  for (const range of later) expect(range).toMatch(/^bytes=[1-9]\d{4,}-$/)
})

it('what is to begin at a time, or in hours of its own, is not lost when the clock moves by a year [fault 66]', async () => {
  await using origin = await startOrigin()
  for (const name of ['F', 'G', 'H']) origin.serve(`/${name}`, resource)
  const stage = daemonHome()
  const clock = new FakeClock('right')
  startFerry(['daemon', 'run', '--idle', '60'], {env: {FERRY_HOME: stage.home, ...clock.env}})
  await until(async () => (await stage.status()).running)
  const get = async (name: string, ...flags: readonly string[]): Promise<string> =>
    (await stage.ferry('get', '--background', ...flags, '-o', name, origin.url(`/${name}`))).stdout.trim()
  const hour = new Date().getHours()
  const window = [hour + 3, hour + 4].map(each => `${String(each % 24).padStart(2, '0')}:00`).join('-')
  const ids = [await get('F', '--start-at', '240h'), await get('G', '--window', window)]
  expect(await stage.status()).toMatchObject({tasks: {waiting: 2}})
  clock.set('a year ahead')
  ids.push(await get('H'))
  expect((await stage.ferry('wait', ...ids)).code).toBe(0)
  for (const name of ['F', 'G', 'H']) expect(readFileSync(join(stage.home, name)).equals(body)).toBe(true)
  expect(origin.requests).toHaveLength(3)
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
