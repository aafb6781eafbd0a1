import {createHash} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {checksumAlgorithms} from '../../../src/engine/index.ts'
import type {Checksum} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage} from '../download/stage.ts'

// Below: in memory. Between: hashed at the end. Above 4 MiB: hashed by a thread that follows the writer.
const sizes = {empty: 0, short: 20_000, middle: 300_000, long: 4 * 1024 * 1024 + 77}
const resourceOf = (size: number) => ({body: seededBytes(size, 8), entityTag: '"v1"'})

function checksumOf(bytes: Uint8Array, algorithm: Checksum['algorithm'] = 'sha256'): Checksum {
  return {algorithm, value: createHash(algorithm).update(bytes).digest('hex')}
}

const wrong: Checksum = {algorithm: 'sha256', value: '0'.repeat(64)}

it.each(Object.entries(sizes))('gives an %s file its name when the checksum holds', async (_name, size) => {
  const stage = await openStage()
  const resource = resourceOf(size)
  stage.origin.serve('/F', resource)
  const checksum = checksumOf(resource.body)
  const task = stage.start({checksums: [checksum]})
  expect(await task.outcome).toMatchObject({state: 'completed'})
  expect(task.checksum).toBe(`sha256:${checksum.value}`)
  expect(stage.content).toBe(digestOf(resource.body))
})

it.each(Object.entries(sizes))(
  'keeps the old file and nothing else when the checksum of an %s one is wrong [CVE 13]',
  async (_name, size) => {
    const stage = await openStage()
    writeFileSync(stage.target, 'old')
    stage.origin.serve('/F', resourceOf(size))
    const outcome = await stage.download({checksums: [wrong]})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'CHECKSUM_MISMATCH'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.content).toBe(digestOf(Buffer.from('old')))
    expect(stage.files).toEqual(['F'])
    expect(stage.origin.requests).toHaveLength(1)
  }
)

it.each(checksumAlgorithms)('knows %s, and the wrong value of it', async algorithm => {
  const stage = await openStage()
  const resource = resourceOf(70_000)
  stage.origin.serve('/F', resource)
  const right = checksumOf(resource.body, algorithm)
  const off = {algorithm, value: right.value.replace(/^./, digit => (digit === '0' ? '1' : '0'))}
  expect(await stage.download({checksums: [off]})).toMatchObject({error: {code: 'CHECKSUM_MISMATCH'}})
  expect(await stage.download({checksums: [right]})).toMatchObject({state: 'completed'})
})

it.each([sizes.middle, sizes.long])('wants all of several checksums at %i bytes', async size => {
  const stage = await openStage()
  const resource = resourceOf(size)
  stage.origin.serve('/F', resource)
  const [md5, sha512] = [checksumOf(resource.body, 'md5'), checksumOf(resource.body, 'sha512')]
  expect(await stage.download({checksums: [md5, wrong, sha512]})).toMatchObject({
    error: {code: 'CHECKSUM_MISMATCH'}
  })
  expect(stage.files).toEqual([])
  expect(await stage.download({checksums: [md5, sha512]})).toMatchObject({state: 'completed'})
})

it.each([sizes.middle, sizes.long])(
  'hashes the bytes of before together with the new ones after a resume, at %i bytes',
  async size => {
    const stage = await openStage()
    const resource = resourceOf(size)
    const checksum = checksumOf(resource.body)
    const task = await stage.reach(resource, size - 100_000, {checksums: [checksum]})
    expect(await task.cancelByProducingResumeData()).toBe(stage.resumeData)
    stage.origin.serve('/F', resource)
    // The resume data itself carries the checksums.
    expect(await stage.resume()).toMatchObject({state: 'completed'})
    expect(stage.ranges.at(-1)).toBe(`bytes=${size - 100_000}-`)
    expect(stage.content).toBe(digestOf(resource.body))
  }
)

it.each([sizes.middle, sizes.long])(
  'notices after a resume that the same tag stood for other bytes, at %i bytes [fault 36]',
  async size => {
    const stage = await openStage()
    const resource = resourceOf(size)
    await stage.interrupt(resource, size - 100_000)
    stage.origin.serve('/F', {...resource, body: seededBytes(size, 9)})
    const checksums = [checksumOf(seededBytes(size, 9))]
    expect(await stage.download({checksums})).toMatchObject({error: {code: 'CHECKSUM_MISMATCH'}})
    expect(stage.files).toEqual([])
    expect(await stage.download({checksums})).toMatchObject({state: 'completed'})
  }
)

it('hashes a long file once more from zero when a reconnection has to start again', async () => {
  const stage = await openStage({configuration: {retry: {attempts: 2, delay: 0.01}}})
  const resource = resourceOf(sizes.long)
  stage.origin.serve('/F', {...resource, entityTag: 'W/"weak"', faults: [{cutAfter: 3_000_000}]})
  expect(await stage.download({checksums: [checksumOf(resource.body)]})).toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined, undefined])
  expect(stage.content).toBe(digestOf(resource.body))
})
