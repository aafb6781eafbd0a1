import {readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {readDownloadResumeData, TransferError} from '../../../src/engine/index.ts'
import type {ReadResumeData} from '../../../src/engine/index.ts'
import {seededBytes, seededRandom} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage} from '../download/stage.ts'

const resource = {body: seededBytes(150_000, 61), entityTag: '"v1"'}

async function readOrCode(path: string): Promise<ReadResumeData | string> {
  return readDownloadResumeData(path).catch((error: unknown) =>
    error instanceof TransferError ? error.code : `not ours: ${String(error)}`
  )
}

it('is refused when it is cut at any length, and never crashes the reader [fault 64]', async () => {
  const stage = await openStage()
  await stage.interrupt(resource, 100_000)
  const whole = readFileSync(stage.resumeData)
  // The last byte is the end of the line, which means nothing.
  for (let length = whole.length - 2; length >= 0; length--) {
    truncateSync(stage.resumeData, length)
    expect(await readOrCode(stage.resumeData), `cut at ${length}`).toBe('RESUME_DATA_INVALID')
  }
})

it('never says anything else when one bit of it is flipped [fault 64]', async () => {
  const stage = await openStage()
  await stage.interrupt(resource, 100_000)
  const whole = readFileSync(stage.resumeData)
  const {data} = await readDownloadResumeData(stage.resumeData)
  const random = seededRandom(64)
  for (let position = 0; position < whole.length; position += 2) {
    const bent = Buffer.from(whole)
    bent[position] = (bent[position] ?? 0) ^ (1 << Math.floor(random() * 8))
    writeFileSync(stage.resumeData, bent)
    const read = await readOrCode(stage.resumeData)
    if (typeof read === 'string') expect(read, `byte ${position}`).toBe('RESUME_DATA_INVALID')
    else expect(read.data, `byte ${position}`).toEqual(data)
  }
})

it('stops a download that finds it damaged, with part and target untouched, and says what to do [fault 64]', async () => {
  const stage = await openStage()
  await stage.interrupt(resource, 100_000)
  writeFileSync(stage.target, 'old')
  writeFileSync(stage.resumeData, readFileSync(stage.resumeData).subarray(0, 500))
  const {mtimeMs} = statSync(stage.partial)
  const {state, error} = await stage.download()
  expect({state, code: error?.code}).toEqual({state: 'failed', code: 'RESUME_DATA_INVALID'})
  expect(error?.hint).toContain('F.ferry')
  expect(stage.origin.requests).toEqual([])
  expect(stage.content).toBe(digestOf(Buffer.from('old')))
  expect(stage.files).toEqual(['F', 'F.ferry', 'F.part'])
  expect(statSync(stage.partial)).toMatchObject({size: 100_000, mtimeMs})
})

it('that a newer version wrote is refused and kept [fault 64]', async () => {
  const stage = await openStage()
  await stage.interrupt(resource, 100_000)
  await stage.alter(record => ({...record, version: record.version + 1}))
  const before = readFileSync(stage.resumeData, 'utf8')
  expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
  expect(readFileSync(stage.resumeData, 'utf8')).toBe(before)
})
