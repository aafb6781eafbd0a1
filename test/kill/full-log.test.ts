import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {daemonHome} from '../cli-run/daemon.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'

const script = fileURLToPath(new URL('full-log.sh', import.meta.url))
const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const body = seededBytes(300_000, 67)

it('transfers of the background go on, and are told of, while nothing can be written to the log of the daemon', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
  const {home} = daemonHome()
  const program = {NODE: process.execPath, FERRY: binary, FERRY_HOME: home, HOME: home}
  const shell = spawn('unshare', ['-m', 'sh', script], {
    env: {PATH: process.env['PATH'] ?? '', ...program, URL: origin.url('/F')},
    stdio: ['ignore', 'ignore', 'pipe']
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  const [complaints, [code]] = await Promise.all([text(shell.stderr), once(shell, 'close')])
  expect(code, `tmpfs can be mounted here (root and unshare), and every step works: ${complaints}`).toBe(0)
  for (const name of ['one', 'two', 'three']) expect(readFileSync(join(home, name)).equals(body)).toBe(true)
  const told = readFileSync(join(home, 'events'), 'utf8')
  expect(told.match(/"event":"task.completed"/g)).toHaveLength(3)
})
