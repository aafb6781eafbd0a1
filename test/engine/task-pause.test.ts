import {readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import type {DownloadTask} from '../../src/engine/index.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {recordedSession} from './recorded-session.ts'
import type {RecordedSession} from './recorded-session.ts'

function startDownload(recorded: RecordedSession, origin: Origin, directory = scratchFolder()): DownloadTask {
  const request = urlRequest(origin.url('/f'))
  const task = recorded.session.downloadTask(request, {directory, resumeDataPath: join(directory, 'f.ferry')})
  task.resume()
  return task
}

async function untilReceived(task: DownloadTask, bytes: number): Promise<void> {
  while (task.countOfBytesReceived < bytes) await new Promise(resolve => setTimeout(resolve, 5))
}

describe('a pause', () => {
  it('while the connection is being made changes nothing unless the task may be cancelled [R26, races]', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.welcome = 'stall'
    const recorded = recordedSession({timeouts: {connect: 600, idle: 600}})
    const directory = scratchFolder()
    const task = startDownload(recorded, origin, directory)
    while (origin.connections === 0) await new Promise(resolve => setTimeout(resolve, 5))
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(task.state).toBe('running')
    expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
    expect(task.state).toBe('cancelled')
    expect(recorded.count('didCompleteWithError', task)).toBe(1)
    expect(readdirSync(directory)).toEqual([])
  })

  it('of a task that was never started cancels it, if it may [races, wrong 16]', async () => {
    await using origin = await startOrigin()
    const recorded = recordedSession()
    const request = urlRequest(origin.url('/f'))
    const task = recorded.session.downloadTask(request, {directory: scratchFolder()})
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(task.state).toBe('suspended')
    expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
    expect(task.state).toBe('cancelled')
    expect(origin.connections).toBe(0)
  })

  it('made ten times at once is one pause, with one resume data [3D 103, races]', async () => {
    await using origin = await startOrigin()
    const body = seededBytes(400_000, 1)
    origin.serve('/f', {body, entityTag: '"1"', faults: [{stallAfter: 200_000}]})
    const recorded = recordedSession()
    const task = startDownload(recorded, origin)
    await untilReceived(task, 200_000)
    const paths = await Promise.all(Array.from({length: 10}, () => task.cancelByProducingResumeData()))
    expect(new Set(paths).size).toBe(1)
    expect(paths[0]).toBe((await task.outcome).resumeData)
    expect(paths[0]).toBeTypeOf('string')
    expect(task.state).toBe('paused')
    expect(recorded.count('didCompleteWithError', task)).toBe(1)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
  })

  it('and a cancel after it: the pause wins, and the content is kept [races]', async () => {
    await using origin = await startOrigin()
    origin.serve('/f', {body: seededBytes(400_000, 1), entityTag: '"1"', fault: {stallAfter: 200_000}})
    const recorded = recordedSession()
    const task = startDownload(recorded, origin)
    await untilReceived(task, 200_000)
    const paused = task.cancelByProducingResumeData()
    task.cancel()
    expect(await paused).toBeTypeOf('string')
    expect((await task.outcome).state).toBe('paused')
  })

  it('in the instant of the last byte has one outcome: the file, or resume data [races, T9]', async () => {
    for (const wait of [0, 1, 2, 3, 5, 8]) {
      await using origin = await startOrigin()
      origin.serve('/f', {body: seededBytes(1_200_000, 1), entityTag: '"1"'})
      const recorded = recordedSession()
      const directory = scratchFolder()
      const task = startDownload(recorded, origin, directory)
      await new Promise(resolve => setTimeout(resolve, wait))
      const resumeData = await task.cancelByProducingResumeData('cancel')
      const outcome = await task.outcome
      expect(outcome.resumeData).toBe(resumeData)
      expect(readdirSync(directory).includes('f')).toBe(outcome.state === 'completed')
      expect(resumeData !== undefined).toBe(outcome.state === 'paused')
      expect(recorded.count('didCompleteWithError', task)).toBe(1)
    }
  })

  it('is no part of invalidation: a cancelled session leaves no resume data [semantics 2.6, R60]', async () => {
    await using origin = await startOrigin()
    origin.serve('/f', {body: seededBytes(400_000, 1), entityTag: '"1"', fault: {stallAfter: 200_000}})
    const recorded = recordedSession()
    const directory = scratchFolder()
    const task = startDownload(recorded, origin, directory)
    await untilReceived(task, 200_000)
    await recorded.session.invalidateAndCancel()
    expect(await task.outcome).toMatchObject({state: 'cancelled'})
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('resume data that is none', () => {
  it.each(['', '{}', 'null', 'junk', '{"format":"ferry"'])(
    '%j makes no task and asks nobody [3A 78, D1]',
    async text => {
      const recorded = recordedSession()
      const path = join(scratchFolder(), 'f.ferry')
      writeFileSync(path, text)
      await expect(recorded.session.downloadTaskWithResumeData(path)).rejects.toMatchObject({
        name: 'TransferError',
        code: 'RESUME_DATA_INVALID'
      })
      expect(recorded.session.tasks).toEqual([])
      expect(recorded.calls).toEqual([])
    }
  )
})

describe('hostile header values', () => {
  it.each([
    'content-type',
    'content-disposition',
    'content-range',
    'retry-after',
    'set-cookie',
    'etag',
    'date'
  ])(
    '%s of 90,000 blanks or quotation marks ends like any other answer, in linear time [CVE 62]',
    async name => {
      await using origin = await startOrigin()
      for (const junk of [`a${' '.repeat(90_000)}b`, '"'.repeat(90_000), '\\"'.repeat(45_000)]) {
        origin.serve('/f', {body: 'x', headers: {[name]: junk}})
        const task = startDownload(recordedSession(), origin)
        await task.outcome
        expect((task.ended ?? 0) - (task.started ?? 0)).toBeLessThan(2000)
      }
    }
  )
})
