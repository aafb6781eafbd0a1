import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage, untilReceived} from '../download/stage.ts'
import type {Stage} from '../download/stage.ts'

const resource = {body: seededBytes(1500, 5), entityTag: '"v1"'}
const long = {body: seededBytes(150_000, 6), entityTag: '"v1"'}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function withOldFile(): Promise<Stage> {
  const stage = await openStage()
  stage.origin.serve('/F', resource)
  writeFileSync(stage.target, 'old')
  return stage
}

const old = () => digestOf(Buffer.from('old'))

it('replaces a file whose name the user chose, unless told otherwise [cli --if-exists]', async () => {
  const stage = await withOldFile()
  expect(await stage.download()).toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(resource.body))
})

it.each([
  ['the URL', {}],
  ['the server', {'content-disposition': 'attachment; filename="F"'}]
])(
  'refuses to replace a file whose name came from %s, and touches nothing [promise 3]',
  async (_source, headers) => {
    const stage = await withOldFile()
    const address = 'content-disposition' in headers ? '/other' : '/F'
    stage.origin.serve(address, {...resource, headers})
    const task = stage.session.downloadTask(urlRequest(stage.origin.url(address)), {directory: stage.folder})
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'DESTINATION_EXISTS'}})
    expect(stage.content).toBe(old())
    expect(stage.files).toEqual(['F'])
  }
)

it('fail: asks nobody and touches nothing', async () => {
  const stage = await withOldFile()
  expect(await stage.download({ifExists: 'fail'})).toMatchObject({error: {code: 'DESTINATION_EXISTS'}})
  expect(stage.origin.requests).toEqual([])
  expect(stage.content).toBe(old())
})

it('skip: is done without a request', async () => {
  const stage = await withOldFile()
  expect(await stage.download({ifExists: 'skip'})).toMatchObject({state: 'completed', note: 'skipped'})
  expect(stage.origin.requests).toEqual([])
  expect(stage.content).toBe(old())
})

it('rename: takes F.1, then F.2, and leaves F', async () => {
  const stage = await withOldFile()
  for (const name of ['F.1', 'F.2']) {
    const path = join(stage.folder, name)
    expect(await stage.download({ifExists: 'rename'})).toMatchObject({state: 'completed', path})
    expect(digestOf(readFileSync(path))).toBe(digestOf(resource.body))
  }
  expect(stage.files).toEqual(['F', 'F.1', 'F.2'])
  expect(stage.content).toBe(old())
})

it('rename: continues what it began under F.1', async () => {
  const stage = await withOldFile()
  const task = await stage.reach(long, 100_000, {ifExists: 'rename'})
  await task.cancelByProducingResumeData()
  expect(stage.files).toEqual(['F', 'F.1.ferry', 'F.1.part'])
  stage.origin.serve('/F', long)
  expect(await stage.download({ifExists: 'rename'})).toMatchObject({path: join(stage.folder, 'F.1')})
  expect(stage.ranges.at(-1)).toBe('bytes=100000-')
  expect(stage.files).toEqual(['F', 'F.1'])
})

it.each(['fail', 'skip', 'rename', 'verify', 'replace'] as const)(
  '%s: a file that is there and has the checksum costs no request',
  async ifExists => {
    const stage = await withOldFile()
    writeFileSync(stage.target, resource.body)
    const checksums = [{algorithm: 'sha256', value: sha256(resource.body)}] as const
    expect(await stage.download({ifExists, checksums})).toMatchObject({
      state: 'completed',
      path: stage.target,
      note: 'alreadyComplete'
    })
    expect(stage.origin.requests).toEqual([])
    expect(stage.files).toEqual(['F'])
  }
)

it('verify: replaces a file that has another checksum, and is done with one that has it', async () => {
  const stage = await withOldFile()
  const checksums = [{algorithm: 'sha256', value: sha256(resource.body)}] as const
  expect(await stage.download({ifExists: 'verify', checksums})).toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(resource.body))
  await stage.download({ifExists: 'verify', checksums})
  expect(stage.origin.requests).toHaveLength(1)
})

it.each([
  ['long', long],
  ['short', resource]
])(
  'a file that appears while a %s one is fetched is kept, and the transfer fails or is renamed [fault 52]',
  async (_length, body) => {
    for (const ifExists of ['fail', 'rename'] as const) {
      const stage = await openStage()
      const gate = Promise.withResolvers<void>()
      stage.origin.serve('/F', {...body, fault: {holdAfter: {bytes: 700, until: gate.promise}}})
      const task = stage.start({ifExists})
      await untilReceived(task, 700)
      writeFileSync(stage.target, 'old')
      gate.resolve()
      const outcome = await task.outcome
      expect(stage.content).toBe(old())
      if (ifExists === 'rename') {
        expect(outcome).toMatchObject({state: 'completed', path: join(stage.folder, 'F.1')})
        expect(stage.files).toEqual(['F', 'F.1'])
      } else {
        expect(outcome).toMatchObject({state: 'failed', error: {code: 'DESTINATION_EXISTS'}})
        expect(stage.files).toEqual(['F', 'F.ferry', 'F.part'])
      }
    }
  }
)

it('a transfer that lost its name to another file gets it once that is gone, without its bytes again [fault 52]', async () => {
  const stage = await openStage()
  const gate = Promise.withResolvers<void>()
  stage.origin.serve('/F', {...long, faults: [{holdAfter: {bytes: 700, until: gate.promise}}]})
  const task = stage.start({ifExists: 'fail'})
  await untilReceived(task, 700)
  writeFileSync(stage.target, 'old')
  gate.resolve()
  expect(await task.outcome).toMatchObject({error: {code: 'DESTINATION_EXISTS'}})
  rmSync(stage.target)
  expect(await stage.download({ifExists: 'fail'})).toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(long.body))
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['GET', 'HEAD'])
})

it('gives downloads of one name in one session names of their own, long ones too', async () => {
  const stage = await openStage()
  const size = 200_000
  for (const number of [1, 2, 3]) {
    stage.origin.serve(`/F?${number}`, {body: Buffer.alloc(size, number), entityTag: `"v${number}"`})
  }
  const outcomes = [1, 2, 3].map(number => {
    const request = urlRequest(stage.origin.url(`/F?${number}`))
    const task = stage.session.downloadTask(request, {directory: stage.folder, ifExists: 'rename'})
    task.resume()
    return task.outcome
  })
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({state: 'completed'})
  expect(stage.files).toEqual(['F', 'F.1', 'F.2'])
  const contents = stage.files.map(name => readFileSync(`${stage.folder}/${name}`)[0])
  expect(contents.toSorted()).toEqual([1, 2, 3])
})
