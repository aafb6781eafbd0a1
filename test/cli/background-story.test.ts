import {readFileSync, readdirSync} from 'node:fs'
import {expect, it} from 'vitest'
import {isAlive, until} from '../cli-run/daemon.ts'
import {runInShell} from '../cli-run/shell.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'

const body = {seed: 7, size: 3_000_000}

it('goes on through the end of a terminal, a pause and a kill, and a script can wait for it [R9]', async () => {
  const {daemon, origin, path, run, submit, task} = await backgroundCrossing()
  // The first answer, and that of the first resume, wait half-way for what interrupts them.
  origin.serve('/disk.iso', {...heldResource('', 500_000), body})
  const env = {FERRY_HOME: daemon.home, URL: origin.url('/disk.iso')}
  const inTerminal = {cwd: daemon.home, env}

  // What ends with a terminal is told so with SIGHUP.
  const begun = await runInShell('ferry get --background "$URL"; trap "" HUP; kill -HUP 0', inTerminal)
  const id = begun.stdout.trim()
  await until(async () => ((await task(id))?.bytes ?? 0) > 200_000)
  const row = new RegExp(`^${id} +running +\\d+% .* disk\\.iso +ferry pause ${id}$`, 'm')
  expect((await run(['tasks'])).stdout).toMatch(row)

  expect(await run(['pause', id])).toMatchObject({code: 0})
  const paused = await task(id)
  expect(paused).toMatchObject({state: 'paused', actions: ['resume', 'cancel']})
  origin.serve('/disk.iso', {...heldResource('', 500_000), body})
  const next = await submit(['resume', id])
  await until(async () => ((await task(next))?.bytes ?? 0) > (paused?.bytes ?? 0))

  const {pid} = await daemon.status()
  process.kill(pid ?? 0, 'SIGKILL')
  await until(() => !isAlive(pid ?? 0))
  // Any command lets it go on.
  expect((await run(['tasks'])).stdout).toContain(next)
  const waited = await runInShell(`file=$(ferry wait ${next}) && wc -c < "$file"`, inTerminal)
  expect({code: waited.code, stdout: waited.stdout.trim()}).toEqual({code: 0, stdout: String(body.size)})
  expect(readFileSync(path('disk.iso')).equals(seededBytes(body.size, body.seed))).toBe(true)
  expect(readdirSync(daemon.home).filter(name => name.startsWith('disk.iso'))).toEqual(['disk.iso'])
  expect((await run(['tasks'])).stdout).toBe('There are no tasks.\n')
})
