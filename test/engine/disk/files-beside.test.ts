import {linkSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage} from '../download/stage.ts'

// Longer than what is kept in memory, so that it is on disk from its first byte.
const long = {body: seededBytes(150_000, 3), entityTag: '"v1"'}
const short = {body: seededBytes(900, 4), entityTag: '"v1"'}

it('keeps F.part, F.ferry and F.lock readable for the owner alone, whatever the umask [promise 9, security 6.1]', async () => {
  const stage = await openStage()
  const before = process.umask(0)
  try {
    const task = await stage.reach(long, 100_000)
    await expect.poll(() => stage.files).toEqual(['F.ferry', 'F.lock', 'F.part'])
    for (const name of stage.files) expect(statSync(join(stage.folder, name)).mode & 0o777).toBe(0o600)
    await task.cancelByProducingResumeData()
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
    for (const name of stage.files) expect(statSync(join(stage.folder, name)).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

it.each([
  ['a long file', long],
  ['a file short enough for memory', short]
])('leaves nothing but F after %s [cli Files]', async (_what, resource) => {
  const stage = await openStage()
  stage.origin.serve('/F', resource)
  expect(await stage.download()).toMatchObject({state: 'completed', path: stage.target})
  expect(stage.files).toEqual(['F'])
  expect(stage.content).toBe(digestOf(resource.body))
})

it('leaves nothing after a cancel, whether the bytes were on disk or in memory [cli Files]', async () => {
  const stage = await openStage()
  for (const [resource, received] of [
    [long, 100_000],
    [short, 500]
  ] as const) {
    const task = await stage.reach(resource, received)
    task.cancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(stage.files).toEqual([])
  }
})

it('an ephemeral session has no F.ferry at any time, and leaves nothing when it fails [R8]', async () => {
  const stage = await openStage({kind: 'ephemeral'})
  const task = await stage.reach(long, 100_000)
  await expect.poll(() => stage.files).toEqual(['F.lock', 'F.part'])
  expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
  expect(stage.files).toEqual([])
})

it('an ephemeral session writes resume data where it was told to, and continues from there [R8]', async () => {
  const stage = await openStage({kind: 'ephemeral'})
  const resumeDataPath = join(stage.folder, 'elsewhere.json')
  const task = await stage.reach(long, 100_000, {resumeDataPath})
  expect(await task.cancelByProducingResumeData()).toBe(resumeDataPath)
  stage.origin.serve('/F', long)
  expect(await stage.download({resumeDataPath})).toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBe('bytes=100000-')
  expect(stage.files).toEqual(['F'])
})

it('a download without resuming neither uses nor leaves resume data [cli --no-resume]', async () => {
  const stage = await openStage()
  const task = await stage.reach(long, 100_000, {resuming: 'never'})
  expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
  expect(stage.files).toEqual([])
})

it.each([
  [
    'a link to another file',
    (path: string, victim: string) => {
      symlinkSync(victim, path)
    }
  ],
  [
    'a second name of another file',
    (path: string, victim: string) => {
      linkSync(victim, path)
    }
  ],
  [
    'a file of somebody else',
    (path: string) => {
      writeFileSync(path, 'precious')
    }
  ],
  [
    'a folder',
    (path: string) => {
      mkdirSync(path)
    }
  ]
])(
  'does not write through %s under the name F.part, and leaves it alone [promise 4, security 6.1, CVE 19]',
  async (_what, plant) => {
    for (const resource of [long, short]) {
      const stage = await openStage()
      const victim = join(stage.folder, 'victim')
      writeFileSync(victim, 'precious')
      plant(stage.partial, victim)
      stage.origin.serve('/F', resource)
      expect(await stage.download()).toMatchObject({state: 'completed'})
      expect(stage.content).toBe(digestOf(resource.body))
      expect(stage.files).toEqual(['F', 'F.part', 'victim'])
      expect(readFileSync(victim, 'utf8')).toBe('precious')
      if (statSync(stage.partial).isFile()) expect(readFileSync(stage.partial, 'utf8')).toBe('precious')
    }
  }
)

it('finds a part under another name again, and removes only that one [security 6.1]', async () => {
  const stage = await openStage()
  writeFileSync(stage.partial, 'precious')
  const task = await stage.reach(long, 100_000)
  await task.cancelByProducingResumeData()
  expect(stage.record.partial.name).toMatch(/^F\.part-[0-9a-f]{16}$/)
  expect(stage.files).toEqual(['F.ferry', 'F.part', stage.record.partial.name])
  stage.origin.serve('/F', long)
  expect(await stage.download()).toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBe('bytes=100000-')
  expect(stage.files).toEqual(['F', 'F.part'])
  expect(readFileSync(stage.partial, 'utf8')).toBe('precious')
})

it('replaces what a crash left of writing resume data, and is not kept from it by a folder [security 6.11]', async () => {
  const stage = await openStage()
  writeFileSync(`${stage.resumeData}~`, 'half')
  await stage.interrupt(long, 100_000)
  expect(stage.files).toEqual(['F.ferry', 'F.part'])
  mkdirSync(`${stage.resumeData}~`)
  stage.origin.serve('/F', long)
  expect(await stage.download()).toMatchObject({state: 'completed'})
  expect(stage.files).toEqual(['F', 'F.ferry~'])
})

it('gives a name of 255 bytes files beside it whose names fit, and continues them [fault 54]', async () => {
  const stage = await openStage()
  const fileName = `${'x'.repeat(251)}.bin`
  const task = await stage.reach(long, 100_000, {fileName})
  expect(await task.cancelByProducingResumeData()).toBeDefined()
  stage.origin.serve('/F', long)
  expect(await stage.download({fileName})).toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBe('bytes=100000-')
  expect(stage.files).toEqual([fileName])
})

it('does not remove a file that took the place of its part meanwhile [security 6.11]', async () => {
  const stage = await openStage()
  const task = await stage.reach(long, 100_000)
  await expect.poll(() => stage.files).toContain('F.part')
  linkSync(stage.partial, join(stage.folder, 'away'))
  rmSync(stage.partial)
  writeFileSync(stage.partial, 'precious')
  task.cancel()
  await task.outcome
  expect(readFileSync(stage.partial, 'utf8')).toBe('precious')
})
