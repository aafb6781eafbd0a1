import {readFileSync, renameSync, writeFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {discardResumeData, readDownloadResumeData, TransferError} from '../../src/engine/index.ts'
import type {DownloadResumeData} from '../../src/engine/index.ts'
import {seededRandom} from '../origin/seeded-bytes.ts'
import {digestOf, first, openStage} from './download/stage.ts'
import type {Stage} from './download/stage.ts'

const held = 400

async function paused(): Promise<{stage: Stage; intact: Buffer}> {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.change('/F', first)
  return {stage, intact: readFileSync(stage.resumeData)}
}

/** Damaged data is refused before a request, and nothing changes; data that still holds gives the right file. */
async function expectRefused(stage: Stage, damaged: Buffer, what: string): Promise<void> {
  writeFileSync(stage.resumeData, damaged)
  const error = await stage.resume().catch((reason: unknown) => reason)
  expect(error, what).toBeInstanceOf(TransferError)
  expect(error, what).toMatchObject({code: 'RESUME_DATA_INVALID'})
  expect(stage.files, what).toEqual(['F.ferry', 'F.part'])
  expect(digestOf(readFileSync(stage.partial)), what).toBe(digestOf(first.body.subarray(0, held)))
  expect(readFileSync(stage.resumeData).equals(damaged), what).toBe(true)
}

describe('damaged resume data [fault 64]', () => {
  it('is refused wherever it was cut, but for the blank at its end', async () => {
    const {stage, intact} = await paused()
    for (let length = 0; length < intact.length - 1; length++) {
      await expectRefused(stage, intact.subarray(0, length), `cut after ${length} bytes`)
    }
    expect(stage.origin.requests).toHaveLength(0)
  })

  it('is refused with any bit of what it says changed; blanks say nothing', async () => {
    const {stage, intact} = await paused()
    const random = seededRandom(64)
    const meaning = JSON.stringify(JSON.parse(intact.toString()))
    for (let sample = 0; sample < 400; sample++) {
      const [at, bit] = [Math.floor(random() * intact.length), Math.floor(random() * 8)]
      const damaged = Buffer.from(intact)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit)
      if (meaningOf(damaged) === meaning) continue
      await expectRefused(stage, damaged, `bit ${bit} of byte ${at} flipped`)
    }
    expect(stage.origin.requests).toHaveLength(0)
    writeFileSync(stage.resumeData, intact)
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('is refused with other bytes before, behind or instead', async () => {
    const {stage, intact} = await paused()
    for (const damaged of [
      Buffer.concat([intact, Buffer.from('{}')]),
      Buffer.concat([intact, intact]),
      Buffer.alloc(intact.length),
      Buffer.from('null'),
      Buffer.from('[]'),
      Buffer.from('"ferry-resume-data"'),
      Buffer.alloc(300 * 1024, ' ')
    ]) {
      await expectRefused(stage, damaged, damaged.subarray(0, 20).toString())
    }
  })

  it('is refused in another version, even where everything else holds', async () => {
    const {stage} = await paused()
    for (const version of [0, 2, 99]) {
      await stage.alter(record => ({...record, version}))
      await expectRefused(stage, readFileSync(stage.resumeData), `version ${version}`)
    }
    const error = await stage.resume().catch((reason: unknown) => reason)
    expect((error as TransferError).message).toMatch(/newer/)
  })
})

describe('resume data that lies, although this user signed it', () => {
  const lies: [string, (record: DownloadResumeData) => DownloadResumeData][] = [
    ['a part elsewhere', record => ({...record, partial: {...record.partial, name: '../F.part'}})],
    ['a target elsewhere', record => ({...record, destination: {...record.destination, name: 'x/../../F'}})],
    ['a target without a name', record => ({...record, destination: {...record.destination, name: '..'}})],
    [
      'another scheme',
      record => ({...record, originalRequest: {...record.originalRequest, url: 'file:///F'}})
    ],
    [
      'a header that breaks the line [CVE 46]',
      record => ({...record, originalRequest: {...record.originalRequest, headers: [['X', 'a\r\nY: b']]}})
    ],
    ['bytes below none', record => ({...record, bytesReceived: -1})],
    ['half bytes', record => ({...record, bytesReceived: 1.5})]
  ]

  it.each(lies)('is refused with %s', async (_case, change) => {
    const {stage} = await paused()
    await stage.alter(change)
    await expectRefused(stage, readFileSync(stage.resumeData), 'signed')
    expect(stage.origin.requests).toHaveLength(0)
  })

  it.each<[string, Partial<DownloadResumeData>]>([
    ['more bytes than the part has', {bytesReceived: held + 1}],
    ['fewer bytes than its hash is of', {bytesReceived: held - 1}],
    ['more bytes than there are in all', {bytesReceived: 5000}],
    ['a total that is too small', {total: 10}],
    ['a total that is too large', {total: 5000}]
  ])('gives the right file in the end with %s', async (_case, facts) => {
    const {stage} = await paused()
    await stage.alter(record => ({...record, ...facts}))
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
    expect(stage.files).toEqual(['F'])
  })
})

describe('foreign resume data [security 6.4]', () => {
  it('is used only with trust, whoever signed it or nobody', async () => {
    const {stage} = await paused()
    const {data} = await readDownloadResumeData(stage.resumeData)
    expect(await readDownloadResumeData(stage.resumeData)).toMatchObject({origin: 'foreign'})
    const other = await openStage({environment: {resumeDataKey: () => Buffer.alloc(32, 9)}})
    writeFileSync(other.resumeData, readFileSync(stage.resumeData))
    writeFileSync(other.partial, readFileSync(stage.partial))
    await expect(other.resume()).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
    await expect(other.download()).resolves.toMatchObject({error: {code: 'RESUME_DATA_INVALID'}})
    expect(stage.origin.requests).toHaveLength(0)
    await expect(other.resume({trust: 'foreign'})).resolves.toMatchObject({path: other.target})
    expect(stage.ranges).toEqual([`bytes=${data.bytesReceived}-`])
    expect(other.content).toBe(digestOf(first.body))
  })

  it('goes into its own folder, whatever folder it names', async () => {
    const [{stage}, other] = [
      await paused(),
      await openStage({environment: {resumeDataKey: () => Buffer.alloc(32, 9)}})
    ]
    await stage.alter(record => ({...record, destination: {...record.destination, directory: stage.folder}}))
    writeFileSync(other.resumeData, readFileSync(stage.resumeData))
    writeFileSync(other.partial, readFileSync(stage.partial))
    await expect(other.resume({trust: 'foreign'})).resolves.toMatchObject({path: other.target})
    expect(stage.content).toBeUndefined()
  })
})

describe('discarding resume data', () => {
  it('removes it with its part, but not another file that took the name', async () => {
    const {stage, intact} = await paused()
    await discardResumeData(stage.resumeData)
    expect(stage.files).toEqual([])
    await stage.interrupt(first, held)
    renameSync(stage.partial, `${stage.partial}.moved`)
    writeFileSync(stage.partial, 'mine')
    await discardResumeData(stage.resumeData)
    expect(readFileSync(stage.partial, 'utf8')).toBe('mine')
    writeFileSync(stage.resumeData, intact.subarray(0, 100))
    await expect(discardResumeData(stage.resumeData)).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
  })

  it('is refused while a transfer writes it', async () => {
    const stage = await openStage()
    const task = await stage.reach(first, held)
    await expect.poll(() => stage.files, {interval: 5}).toContain('F.ferry')
    await expect(discardResumeData(stage.resumeData)).rejects.toMatchObject({code: 'BUSY'})
    await task.cancelByProducingResumeData()
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
  })
})

function meaningOf(bytes: Buffer): string | undefined {
  try {
    return JSON.stringify(JSON.parse(bytes.toString()))
  } catch {
    return undefined
  }
}
