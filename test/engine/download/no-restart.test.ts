import {readFileSync, truncateSync} from 'node:fs'
import {expect, it} from 'vitest'
import {respond} from '../../origin/handlers.ts'
import type {Resource} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, first, openStage, second} from './stage.ts'
import type {Stage} from './stage.ts'

const held = 400
const refuse = {options: {restarting: 'refuse'}} as const

const cases: {title: string; server: Resource; code: 'RANGE_REFUSED' | 'RESOURCE_CHANGED'}[] = [
  {
    title: 'a 206 that starts later [D7]',
    server: {...first, fault: {shiftRange: 10}},
    code: 'RANGE_REFUSED'
  },
  {
    title: 'a 206 without Content-Range [D7]',
    server: {...first, fault: {headers: {'content-range': undefined}}},
    code: 'RANGE_REFUSED'
  },
  {
    title: 'a 206 in multipart form [D7]',
    server: {...first, fault: {rangeForm: 'multipart'}},
    code: 'RANGE_REFUSED'
  },
  {
    title: 'a 206 of encoded content [D18]',
    server: {...first, fault: {headers: {'content-encoding': 'gzip'}}},
    code: 'RANGE_REFUSED'
  },
  {
    title: 'a 206 with another total [D8]',
    server: {...first, fault: {totalInRange: 2000}},
    code: 'RESOURCE_CHANGED'
  },
  {
    title: 'a 206 with another tag [D9]',
    server: {...second, ifRange: 'ignored'},
    code: 'RESOURCE_CHANGED'
  },
  {title: 'a 200 of another version [D11]', server: second, code: 'RESOURCE_CHANGED'},
  {
    title: 'a 200 of the same version, ranges being unknown [D11]',
    server: {...first, ranges: 'ignored'},
    code: 'RANGE_REFUSED'
  },
  {
    title: 'a 416 of a shorter version [D13, D21]',
    server: {...second, body: seededBytes(100, 2), ifRange: 'ignored'},
    code: 'RESOURCE_CHANGED'
  },
  {
    title: 'a 200 of a shorter version [D21]',
    server: {...second, body: seededBytes(100, 2)},
    code: 'RESOURCE_CHANGED'
  }
]

it.each(cases)('without leave to restart, fails at $title and touches nothing', async ({server, code}) => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  const before = onDisk(stage)
  stage.origin.change('/F', server)
  await expect(stage.resume(refuse)).resolves.toMatchObject({
    state: 'failed',
    error: {code},
    resumeData: stage.resumeData
  })
  expect(onDisk(stage)).toEqual(before)
  expect(stage.origin.requests).toHaveLength(1)
  stage.origin.change('/F', first)
  await expect(stage.resume(refuse)).resolves.toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(first.body))
})

it('without leave to restart, fails at a 412 and touches nothing [D14]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  const before = onDisk(stage)
  stage.origin.on('/F', respond(412, {}, 'no'))
  await expect(stage.resume(refuse)).resolves.toMatchObject({
    state: 'failed',
    error: {code: 'RESOURCE_CHANGED'}
  })
  expect(onDisk(stage)).toEqual(before)
})

it('without leave to restart, fails when the part is shorter than recorded, and touches nothing [D3]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  truncateSync(stage.partial, held - 1)
  const before = onDisk(stage)
  await expect(stage.resume(refuse)).resolves.toMatchObject({
    state: 'failed',
    error: {code: 'RESOURCE_CHANGED'}
  })
  expect(onDisk(stage)).toEqual(before)
  expect(stage.origin.requests).toHaveLength(0)
})

it('without leave to restart, fails when all is here but the server has another version [D4]', async () => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  const before = onDisk(stage)
  stage.origin.change('/F', second)
  await expect(stage.resume(refuse)).resolves.toMatchObject({error: {code: 'RESOURCE_CHANGED'}})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['HEAD'])
  expect(onDisk(stage)).toEqual(before)
})

it('lets go of the answer it refused', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.change('/F', {...second, body: seededBytes(500_000, 2), fault: {stallAfter: 100_000}})
  await expect(stage.resume(refuse)).resolves.toMatchObject({state: 'failed'})
  await stage.origin.untilIdle()
  expect(stage.session.tasks).toEqual([])
})

it('still downloads what nothing was kept of, and still retries it', async () => {
  const stage = await openStage({configuration: {retry: {attempts: 1, delay: 0.01}}})
  stage.origin.serve('/F', {...first, faults: [{resetAfter: 300}]})
  await expect(stage.download({restarting: 'refuse'})).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined, 'bytes=300-'])
})

function onDisk({partial, resumeData, files}: Stage): unknown {
  return [files, digestOf(readFileSync(partial)), readFileSync(resumeData, 'utf8')]
}
