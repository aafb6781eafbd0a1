import {readFileSync, statSync} from 'node:fs'
import {describe, expect, it, vi} from 'vitest'
import type {DownloadTask, SessionDelegate} from '../../../src/engine/index.ts'
import {patience} from '../../scratch/patience.ts'
import {digestOf, first, openStage, second, untilReceived} from './stage.ts'

const held = 400

describe('a pause', () => {
  it('ends the task as paused, with resume data whose path everybody is told [R25, T6, 3D 99]', async () => {
    const stage = await openStage()
    const task = await stage.reach(first, held)
    const path = await task.cancelByProducingResumeData()
    expect(path).toBe(stage.resumeData)
    await expect(task.outcome).resolves.toMatchObject({state: 'paused', resumeData: path})
    expect((await task.outcome).error).toBeUndefined()
    expect(task).toMatchObject({state: 'paused', resumeData: path})
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
    expect(stage.record).toMatchObject({state: 'paused', bytesReceived: held, total: 1000})
    expect(digestOf(readFileSync(stage.partial))).toBe(digestOf(first.body.subarray(0, held)))
  })

  it('ten times at once is one pause; on an ended task it is nothing [R29, 3D 103]', async () => {
    let completions = 0
    const stage = await openStage({delegate: {didCompleteWithError: () => void (completions += 1)}})
    const task = await stage.reach(first, held)
    const paths = await Promise.all(Array.from({length: 10}, () => task.cancelByProducingResumeData()))
    expect(new Set(paths)).toEqual(new Set([stage.resumeData]))
    expect(completions).toBe(1)
    await expect(task.cancelByProducingResumeData()).resolves.toBeUndefined()
    task.resume()
    task.cancel()
    expect(task.state).toBe('paused')
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
  })

  it('of a task that has not started gives nothing and the task can still start [R26]', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', first)
    const task = stage.session.downloadTask(
      {url: new URL(stage.origin.url('/F')), method: 'GET', headers: []},
      {directory: stage.folder, fileName: 'F'}
    )
    await expect(task.cancelByProducingResumeData()).resolves.toBeUndefined()
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
  })

  it('again and again never damages the resume data [wrong 7]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, 100)
    for (const reached of [101, 300, 999]) {
      const before = stage.record.bytesReceived
      stage.origin.change('/F', {...first, faults: [{stallAfter: reached - before}]})
      const task = await stage.session.downloadTaskWithResumeData(stage.resumeData)
      task.resume()
      await untilReceived(task, reached)
      await task.cancelByProducingResumeData()
      expect(stage.record).toMatchObject({bytesReceived: reached, total: 1000, partial: {name: 'F.part'}})
    }
    stage.origin.change('/F', first)
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual(['bytes=100-', 'bytes=101-', 'bytes=300-', 'bytes=999-'])
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('before the answer of a continuation leaves the resume data as it was [semantics 2.2]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    const before = readFileSync(stage.resumeData, 'utf8')
    const gate = Promise.withResolvers<void>()
    stage.origin.change('/F', {...first, fault: {holdHead: gate.promise}})
    const task = await stage.session.downloadTaskWithResumeData(stage.resumeData)
    task.resume()
    await stage.origin.untilRequests(1)
    await expect(task.cancelByProducingResumeData()).resolves.toBe(stage.resumeData)
    expect(readFileSync(stage.resumeData, 'utf8')).toBe(before)
    gate.resolve()
  })
})

describe('what cannot be resumed', () => {
  it.each([
    ['has no validator', {body: first.body}],
    ['has only a weak tag [fault 35]', {body: first.body, entityTag: 'W/"v1"'}],
    [
      'was modified a moment before [fault 35]',
      {
        body: first.body,
        lastModified: 'Sat, 21 Nov 2026 08:00:00 GMT',
        date: 'Sat, 21 Nov 2026 08:00:59 GMT'
      }
    ],
    ['says that it takes no ranges [wrong 7]', {...first, acceptRanges: 'none' as const}],
    ['is encoded', {...first, headers: {'content-encoding': 'gzip'}}]
  ])('goes on when a pause is asked for and %s [R26, semantics 2.2]', async (_case, resource) => {
    const stage = await openStage()
    const gate = Promise.withResolvers<void>()
    stage.origin.serve('/F', {...resource, fault: {holdAfter: {bytes: held, until: gate.promise}}})
    const task = stage.start()
    await untilReceived(task, held)
    expect(task.isResumable).toBe(false)
    await expect(task.cancelByProducingResumeData()).resolves.toBeUndefined()
    expect(task.state).toBe('running')
    gate.resolve()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('leaves nothing when it is paused at any price, or fails [R52, T7, wrong 8]', async () => {
    const stage = await openStage()
    const task = await stage.reach({body: first.body}, held)
    await expect(task.cancelByProducingResumeData('cancel')).resolves.toBeUndefined()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(stage.files).toEqual([])
    stage.origin.serve('/F', {body: first.body, fault: {cutAfter: held}})
    const outcome = await stage.download()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual([])
  })

  it('starts over at the next attempt and is right in the end [fault 35]', async () => {
    const stage = await openStage({configuration: {retry: {attempts: 1, delay: 0.01}}})
    stage.origin.serve('/F', {body: first.body, entityTag: 'W/"v1"', faults: [{cutAfter: held}]})
    await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual([undefined, undefined])
    expect(stage.content).toBe(digestOf(first.body))
  })
})

describe('a short body that is still in memory', () => {
  it.each([
    ['continues with the same version', first],
    ['gives way to another version of known length', second],
    ['gives way to another version of unknown length', {...second, framing: 'chunked' as const}]
  ])('%s when its connection is lost', async (_case, server) => {
    const stage = await openStage({configuration: {retry: {attempts: 1, delay: 0.001}}})
    stage.origin.on('/F', async (_request, reply) => {
      stage.origin.change('/F', server)
      await reply.head(200, {etag: first.entityTag, 'content-length': '1000'})
      await reply.write(first.body.subarray(0, 300))
      await reply.fin()
    })
    await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual([undefined, 'bytes=300-'])
    expect(stage.content).toBe(digestOf(server.body))
    expect(stage.files).toEqual(['F'])
  })
})

describe('a cancelled task', () => {
  it.each([
    ['its files are made', 1],
    ['a checkpoint is written', 2]
  ])('leaves nothing even when it is cancelled in the instant %s [3D 97]', async (_case, writing) => {
    let writings = 0
    const resumeDataKey = () => {
      if (++writings === writing) task.cancel()
      return Buffer.alloc(32, 1)
    }
    const stage = await openStage({environment: {resumeDataKey}})
    stage.origin.serve('/F', {...first, fault: {stallAfter: held}})
    const task = stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(writings).toBe(writing)
    expect(stage.files).toEqual([])
  })

  it('leaves nothing, neither new nor from a task before [R24, T8, 3D 97]', async () => {
    const stage = await openStage()
    const task = await stage.reach(first, held)
    task.cancel()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual([])
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...first, fault: {stallAfter: 100}})
    const next = await stage.session.downloadTaskWithResumeData(stage.resumeData)
    next.resume()
    await untilReceived(next, held + 100)
    next.cancel()
    await next.outcome
    expect(stage.files).toEqual([])
  })
})

describe('progress', () => {
  it('never counts a byte that is not in the part [R45], grows, and ends with the total [3D 102]', async () => {
    const seen: number[] = []
    const wrong: number[] = []
    const delegate: SessionDelegate = {
      didWriteData(task, {totalBytesWritten}) {
        seen.push(totalBytesWritten)
        const {path = ''} = task as DownloadTask
        const bytes = readFileSync(`${path}.part`).subarray(0, totalBytesWritten)
        if (digestOf(bytes) !== digestOf(first.body.subarray(0, totalBytesWritten)))
          wrong.push(totalBytesWritten)
      }
    }
    const stage = await openStage({delegate})
    stage.origin.serve('/F', {...first, fault: {drip: {bytes: 50, everyMs: 20}}})
    await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
    expect(wrong).toEqual([])
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.toSorted((one, other) => one - other))
    expect(seen.at(-1)).toBe(1000)
  })

  it('of a continuation counts from its offset over the whole total [3D 100, wrong 10]', async () => {
    const seen: [number, number | undefined][] = []
    const delegate: SessionDelegate = {
      didWriteData: (_task, {totalBytesWritten, totalBytesExpectedToWrite}) =>
        void seen.push([totalBytesWritten, totalBytesExpectedToWrite])
    }
    const stage = await openStage({delegate})
    await stage.interrupt(first, held)
    seen.length = 0
    stage.origin.change('/F', {...first, fault: {drip: {bytes: 50, everyMs: 20}}})
    await stage.resume()
    expect(seen.every(([written, total]) => written >= held && total === 1000)).toBe(true)
    expect(seen.at(-1)).toEqual([1000, 1000])
  })
})

it('shows the file under its name only when it is whole [R49, T9]', async () => {
  const stage = await openStage()
  const gate = Promise.withResolvers<void>()
  stage.origin.serve('/F', {...first, fault: {holdAfter: {bytes: 999, until: gate.promise}}})
  const task = stage.start()
  await untilReceived(task, 999)
  await vi.waitFor(() => expect(stage.files).toEqual(['F.ferry', 'F.lock', 'F.part']), patience)
  expect(statSync(stage.partial).mode & 0o777).toBe(0o600)
  gate.resolve()
  await expect(task.outcome).resolves.toMatchObject({state: 'completed', path: stage.target})
  expect(stage.files).toEqual(['F'])
  expect(stage.content).toBe(digestOf(first.body))
})
