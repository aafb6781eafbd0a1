import {chmod, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {controlToken} from '../../src/control/control-token.ts'

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

it('refuses a file that others can read, and one that holds something else', async () => {
  await controlToken(folder)
  await chmod(join(folder, 'control.token'), 0o644)
  await expect(controlToken(folder)).rejects.toMatchObject({code: 'REFUSED'})
  await chmod(join(folder, 'control.token'), 0o600)
  await writeFile(join(folder, 'control.token'), 'short')
  await expect(controlToken(folder)).rejects.toMatchObject({code: 'REFUSED'})
})
