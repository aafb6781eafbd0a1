import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync
} from 'node:fs'
import {join} from 'node:path'
import {expect, it, vi} from 'vitest'
import {canary} from '../../canary/canary.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {digestOf, first, openStage, second} from './stage.ts'

const held = 400

it('writes resume data when the head has come, readable for nobody else [T4, R31]', async () => {
  const stage = await openStage()
  const secret = canary('checkpoint', stage.origin)
  const resource = {
    ...first,
    lastModified: 'Sat, 21 Nov 2026 08:00:00 GMT',
    date: 'Sat, 21 Nov 2026 09:00:00 GMT'
  }
  stage.origin.serve('/F', {...resource, fault: {stallAfter: 0}})
  const task = stage.start({
    headers: [
      ['Accept', 'text/plain'],
      ['Authorization', `Bearer ${secret}`]
    ]
  })
  await vi.waitFor(() => expect(existsSync(stage.resumeData)).toBe(true), patience)
  expect(statSync(stage.resumeData).mode & 0o777).toBe(0o600)
  expect(stage.record).toMatchObject({
    kind: 'download',
    state: 'active',
    taskId: task.id,
    bytesReceived: 0,
    total: 1000,
    response: {
      status: 200,
      entityTag: '"v1"',
      lastModified: resource.lastModified,
      date: resource.date,
      acceptRanges: 'bytes'
    },
    originalRequest: {
      url: stage.origin.url('/F'),
      headers: [['Accept', 'text/plain']],
      omittedHeaders: ['Authorization']
    },
    partial: {name: 'F.part'},
    destination: {name: 'F', directory: null}
  })
  expect(readFileSync(stage.resumeData, 'utf8')).not.toContain(secret)
})

it('records progress while bytes come, so that a copy from the middle continues elsewhere [T5, semantics 2.6]', async () => {
  const [stage, other] = [await openStage(), await openStage()]
  const body = seededBytes(3_000_000, 3)
  const task = await stage.reach({...first, body}, 2_000_001)
  await vi.waitFor(() => expect(stage.record.bytesReceived).toBe(2_000_001), patience)
  copyFileSync(stage.resumeData, other.resumeData)
  copyFileSync(stage.partial, other.partial)
  expect(statSync(other.partial).size).toBe(3_000_000)
  stage.origin.change('/F', {...first, body})
  await expect(other.resume()).resolves.toMatchObject({state: 'completed', path: other.target})
  expect(stage.ranges.at(-1)).toBe('bytes=2000001-')
  expect(other.content).toBe(digestOf(body))
  task.cancel()
})

it('a copy whose part is ahead of the record, or holds a hole behind it, still continues at the record [semantics 2.6]', async () => {
  const [stage, other] = [await openStage(), await openStage()]
  await stage.interrupt(first, held)
  copyFileSync(stage.resumeData, other.resumeData)
  writeFileSync(other.partial, Buffer.concat([first.body.subarray(0, held), Buffer.alloc(5000)]))
  stage.origin.change('/F', first)
  await expect(other.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBe(`bytes=${held}-`)
  expect(other.content).toBe(digestOf(first.body))
})

it('a copy whose part is behind the record starts from zero [semantics 2.6, fault 65]', async () => {
  const [stage, other] = [await openStage(), await openStage()]
  await stage.interrupt(first, held)
  copyFileSync(stage.resumeData, other.resumeData)
  writeFileSync(other.partial, Buffer.concat([first.body.subarray(0, held - 7), Buffer.alloc(5000)]))
  stage.origin.change('/F', first)
  await expect(other.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBeUndefined()
  expect(other.content).toBe(digestOf(first.body))
})

it('a continuation is a new task, and a plain download of the same address takes it up too [R27, T11]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  const before = stage.record.taskId
  stage.origin.change('/F', {...first, faults: [{cutAfter: 100}]})
  const task = await stage.session.downloadTaskWithResumeData(stage.resumeData)
  expect(task.state).toBe('suspended')
  expect(stage.origin.requests).toHaveLength(0)
  task.resume()
  await task.outcome
  expect(task.id).not.toBe(before)
  expect(task.resumedFrom).toBe(held)
  await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([`bytes=${held}-`, 'bytes=500-'])
  expect(stage.content).toBe(digestOf(first.body))
})

it('a download of another address does not take up what is not its own, and never asks for a range', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.serve('/other', second)
  const url = new URL(stage.origin.url('/other'))
  const task = stage.session.downloadTask(
    {url, method: 'GET', headers: []},
    {directory: stage.folder, fileName: 'F'}
  )
  task.resume()
  await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined])
  expect(stage.content).toBe(digestOf(second.body))
  expect(stage.files).toEqual(['F'])
})

it('tells where content begins with the new task and the whole total; unknown stays unknown [R40]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  await stage.resume()
  expect(stage.resumptions).toMatchObject([{offset: held, expectedTotalBytes: 1000}])
  await stage.interrupt({...first, framing: 'chunked'}, held)
  stage.origin.change('/F', {...second, framing: 'chunked'})
  await stage.resume()
  expect(stage.resumptions[1]).toMatchObject({offset: 0, expectedTotalBytes: undefined})
  expect(stage.resumptions[1]?.reason).toMatch(/tag/)
})

it('a file that cannot get its name is kept for the next try, which fetches nothing [R49, 3D 101]', async () => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  mkdirSync(stage.target)
  await expect(stage.resume()).resolves.toMatchObject({error: {code: 'WRITE_FAILED'}})
  expect(stage.files).toEqual(['F', 'F.ferry', 'F.part'])
  expect(stage.origin.requests).toHaveLength(0)
  rmdirSync(stage.target)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['HEAD'])
})

it('finishes the tidying of a task that died after the naming, without a request [T9, security 6.7]', async () => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  await stage.alter(record => ({...record, state: 'committing'}))
  renameSync(stage.partial, stage.target)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed', note: 'alreadyComplete'})
  expect(stage.origin.requests).toHaveLength(0)
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})

it('takes another file for nothing but what it is, when a task died before the naming [T9]', async () => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  await stage.alter(record => ({...record, state: 'committing'}))
  writeFileSync(stage.target, 'older')
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['HEAD'])
  expect(stage.content).toBe(digestOf(first.body))
})

it.each([
  ['a folder that is not there', {directory: 'missing'}, 'WRITE_FAILED'],
  ['a name that is taken', {ifExists: 'fail'}, 'DESTINATION_EXISTS']
] as const)('asks nobody for a file that would go to %s [3D 101]', async (_case, options, code) => {
  const stage = await openStage()
  stage.origin.serve('/F', first)
  writeFileSync(stage.target, 'mine')
  const directory = join(stage.folder, 'directory' in options ? options.directory : '')
  const outcome = await stage.download({...options, directory})
  expect(outcome).toMatchObject({state: 'failed', error: {code}})
  expect(outcome.resumeData).toBeUndefined()
  expect(stage.origin.requests).toHaveLength(0)
  expect(stage.files).toEqual(['F'])
  expect(stage.content).toBe(digestOf(Buffer.from('mine')))
})

it('makes the folder, or replaces the file, where that was asked for [3D 101]', async () => {
  const stage = await openStage()
  stage.origin.serve('/F', first)
  writeFileSync(stage.target, 'mine')
  await expect(stage.download({ifExists: 'replace'})).resolves.toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(first.body))
  const directory = join(stage.folder, 'new', 'folder')
  await expect(stage.download({directory, createDirectories: true})).resolves.toMatchObject({
    path: join(directory, 'F')
  })
})
