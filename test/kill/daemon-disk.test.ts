import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {expect, it, onTestFinished} from 'vitest'
import {daemonHome, until} from '../cli-run/daemon.ts'
import {heldResource} from '../origin/held-resource.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const body = seededBytes(300_000, 67).toString('base64')

it.each([
  ['are told of while nothing can be written to the log of the daemon', 'full-log.sh'],
  ['wait while nothing can be written to its journal, and end once when there is room', 'full-state.sh']
])('transfers of the background lose nothing, and %s', async (_what, script) => {
  await using origin = await startOrigin()
  const resource = heldResource(body, 100_000)
  origin.serve('/F', resource)
  const {home} = daemonHome()
  void until(() => existsSync(join(home, 'full'))).then(resource.letGo, () => {})
  const program = {NODE: process.execPath, FERRY: binary, FERRY_HOME: home, HOME: home}
  const shell = spawn('unshare', ['-m', 'sh', fileURLToPath(new URL(script, import.meta.url))], {
    env: {PATH: process.env['PATH'] ?? '', ...program, URL: origin.url('/F')},
    stdio: ['ignore', 'ignore', 'pipe']
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  const [complaints, [code]] = await Promise.all([text(shell.stderr), once(shell, 'close')])
  expect(code, `tmpfs can be mounted here (root and unshare), and every step works: ${complaints}`).toBe(0)
  for (const name of ['one', 'two', 'three'])
    expect(readFileSync(join(home, name), 'utf8') === body).toBe(true)
  const told = readFileSync(join(home, 'events'), 'utf8')
  expect(told.match(/"event":"task.completed"/g)).toHaveLength(3)
})
