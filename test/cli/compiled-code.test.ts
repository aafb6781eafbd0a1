import {chmodSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {canary} from '../canary/canary.ts'

const headerSecret = canary('header')

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('*', respond(200, {}, 'content'))
})
afterAll(() => origin.close())

const folderIn = (home: string): string => join(home, 'cache', 'compiled')

// Beside them stands what Node keeps, in folders.
const filesOf = (home: string): string[] =>
  readdirSync(folderIn(home), {withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => entry.name)

function get(home: string, ...flags: string[]): ReturnType<typeof runFerry> {
  const words = ['get', '-o', '-', ...flags, origin.url('/telltale-51c7?telltale-62d8')]
  return runFerry(words, {env: {FERRY_HOME: home}})
}

it('is kept for each command, for its user alone, and says nothing of what was done', async () => {
  const home = scratchFolder()
  await get(home, '-H', `X-Token: ${headerSecret}`)
  await runFerry(['tasks'], {env: {FERRY_HOME: home}})
  expect(filesOf(home).toSorted()).toEqual([
    expect.stringMatching(/^get-[0-9a-f]{32}$/),
    expect.stringMatching(/^tasks-[0-9a-f]{32}$/)
  ])
  for (const name of filesOf(home)) {
    const file = join(folderIn(home), name)
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'latin1')).not.toMatch(/telltale|canary/)
  }
})

it('is not used when it is damaged or of another ferry, and made anew', async () => {
  const home = scratchFolder()
  await get(home)
  const [name = ''] = filesOf(home)
  const file = join(folderIn(home), name)
  const damaged = readFileSync(file).fill(0xa5, 5000, 9000)
  writeFileSync(file, damaged)
  writeFileSync(join(folderIn(home), `get-${'0'.repeat(32)}`), damaged)
  expect(await get(home)).toMatchObject({code: 0, stdout: 'content'})
  expect(filesOf(home)).toEqual([name])
  const {length} = readFileSync(file)
  expect(readFileSync(file).subarray(0, length / 2)).toEqual(readFileSync(file).subarray(length / 2))
})

it('is left alone by a run that works with it, and by one that leaves nothing', async () => {
  const [home, other] = [scratchFolder(), scratchFolder()]
  await get(home)
  const [name = ''] = filesOf(home)
  const file = join(folderIn(home), name)
  const before = statSync(file, {bigint: true})
  expect(await get(home)).toMatchObject({code: 0, stdout: 'content'})
  expect(statSync(file, {bigint: true})).toMatchObject({ino: before.ino, mtimeNs: before.mtimeNs})
  expect(await get(other, '--ephemeral')).toMatchObject({code: 0, stdout: 'content'})
  expect(readdirSync(other)).toEqual([])
})

it.runIf(process.platform !== 'win32')('is neither used nor kept where others may write', async () => {
  const home = scratchFolder()
  await get(home)
  const [name = ''] = filesOf(home)
  rmSync(join(folderIn(home), name))
  chmodSync(folderIn(home), 0o777)
  expect(await get(home)).toMatchObject({code: 0, stdout: 'content'})
  expect(filesOf(home)).toEqual([])
})
