import {spawn} from 'node:child_process'
import {hash} from 'node:crypto'
import {once} from 'node:events'
import {chmod, link, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {controlToken} from '../../src/control/control-token.ts'
import {thisProcess} from '../../src/control/process-identity.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferry-token-'))
})
afterEach(() => rm(folder, {recursive: true, force: true}))

it('is 32 random bytes in a file that only its user can read', async () => {
  await expect(controlToken(folder)).resolves.toMatch(/^[0-9a-f]{64}$/)
  expect((await stat(join(folder, 'control.token'))).mode & 0o777).toBe(0o600)
})

it('is the same for all who make it at once, and nothing is left beside it', async () => {
  const tokens = await Promise.all(Array.from({length: 20}, () => controlToken(join(folder, 'state'))))
  expect(new Set(tokens).size).toBe(1)
  await expect(readdir(join(folder, 'state'))).resolves.toEqual(['control.token'])
})

it('leaves nothing of a process that was killed while it made one, nor touches what another is making', async () => {
  const maker = spawn('sleep', ['60'])
  const pid = maker.pid ?? 0
  const host = hash('sha256', thisProcess().host).slice(0, 8)
  const path = join(folder, 'control.token')
  const [half, other] = [`${path}.${pid}-${host}-a.tmp`, `${path}.${pid}-elsewhere-b.tmp`]
  const token = await controlToken(folder)
  await link(path, half)
  await link(path, other)
  await expect(controlToken(folder)).resolves.toBe(token)
  expect((await readdir(folder)).length).toBe(3)
  maker.kill('SIGKILL')
  await once(maker, 'exit')
  await expect(controlToken(folder)).resolves.toBe(token)
  expect(await readdir(folder)).toEqual(['control.token', basename(other)])
  await rm(path)
  await link(other, half)
  await expect(controlToken(folder)).resolves.not.toBe(token)
  expect(await readdir(folder)).toEqual(['control.token', basename(other)])
})

it('refuses a file that others can read, and one that holds something else', async () => {
  await controlToken(folder)
  await chmod(join(folder, 'control.token'), 0o644)
  await expect(controlToken(folder)).rejects.toMatchObject({code: 'REFUSED'})
  await chmod(join(folder, 'control.token'), 0o600)
  await writeFile(join(folder, 'control.token'), 'short')
  await expect(controlToken(folder)).rejects.toMatchObject({code: 'REFUSED'})
})
