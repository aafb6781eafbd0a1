import {chmodSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage} from '../download/stage.ts'

const resource = {body: seededBytes(150_000, 10), entityTag: '"v1"'}

it.each([
  ['022', 0o644],
  ['077', 0o600],
  ['000', 0o666]
])('gives a new file what umask %s leaves, never what the part had [security 6.7]', async (mask, mode) => {
  const stage = await openStage()
  stage.origin.serve('/F', resource)
  const before = process.umask(Number.parseInt(mask, 8))
  try {
    await stage.download()
  } finally {
    process.umask(before)
  }
  expect(statSync(stage.target).mode & 0o7777).toBe(mode)
})

it.each([
  ['0640', 0o640],
  ['0755', 0o755],
  ['4755', 0o755],
  ['0444', 0o444]
])(
  'keeps the mode %s of a file it replaces, but no setuid, and no wider [security 6.7, fault 53]',
  async (mode, kept) => {
    const stage = await openStage()
    stage.origin.serve('/F', resource)
    writeFileSync(stage.target, 'old')
    chmodSync(stage.target, Number.parseInt(mode, 8))
    expect(await stage.download()).toMatchObject({state: 'completed'})
    expect(statSync(stage.target).mode & 0o7777).toBe(kept)
    expect(digestOf(readFileSync(stage.target))).toBe(digestOf(resource.body))
  }
)

const lastModified = 'Tue, 15 Nov 1994 12:45:26 GMT'

it('takes over Last-Modified when asked to, and only then [-R]', async () => {
  for (const remoteTime of [true, false]) {
    const stage = await openStage()
    stage.origin.serve('/F', {...resource, lastModified})
    await stage.download({remoteTime})
    const {mtimeMs} = statSync(stage.target)
    if (remoteTime) expect(mtimeMs).toBe(Date.parse(lastModified))
    else expect(Date.now() - mtimeMs).toBeLessThan(60_000)
  }
})

it('takes over Last-Modified after a resume as well, and when all bytes were here [-R]', async () => {
  for (const received of [100_000, resource.body.length]) {
    const stage = await openStage()
    const dated = {...resource, lastModified}
    if (received === resource.body.length) await stage.interruptBeforeNaming(dated)
    else await stage.interrupt(dated, received)
    stage.origin.serve('/F', dated)
    expect(await stage.download({remoteTime: true})).toMatchObject({state: 'completed'})
    expect(statSync(stage.target).mtimeMs).toBe(Date.parse(lastModified))
  }
})

it.each([
  'Sun, 06 Nov 1940 08:49:37 GMT',
  'Fri, 05 Nov 2100 08:49:37 GMT',
  'yesterday',
  '-1',
  'Tue, 99 Nov 99999999999999999999 12:45:26 GMT'
])('is not misled by the date %s [fault 68]', async strange => {
  const stage = await openStage()
  stage.origin.serve('/F', {...resource, headers: {'last-modified': strange}})
  expect(await stage.download({remoteTime: true})).toMatchObject({state: 'completed'})
  expect(Math.abs(Date.now() - statSync(stage.target).mtimeMs)).toBeLessThan(60_000)
})
