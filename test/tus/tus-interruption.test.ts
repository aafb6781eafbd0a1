import {writeFileSync} from 'node:fs'
import {MemoryLocker} from '@tus/server'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {patience} from '../scratch/patience.ts'
import {openTusStage} from './tus-stage.ts'
import type {UploadRun, TusStage} from './tus-stage.ts'

const slow = {limits: {rate: 400_000}}

/** Begins to send at a limited rate, and pauses when some of the content is with the server. */
async function pauseInTheMiddle(stage: TusStage, scene: UploadRun = {}): Promise<string> {
  const task = stage.start(scene)
  await vi.waitFor(() => expect(task.countOfBytesSent).toBeGreaterThan(100_000), patience)
  await task.cancelByProducingResumeData()
  const outcome = await task.outcome
  expect(outcome).toMatchObject({state: 'paused'})
  return outcome.resumeData ?? ''
}

describe('an upload to a server of tus that is interrupted', () => {
  it('goes on by itself from what the server has, however often the connection breaks', async () => {
    const stage = await openTusStage({size: 3_000_000})
    stage.proxy.cut(500_000, 1, 700_000, 300, 900_000)
    const task = stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(stage.proxy.broken).toBe(5)
    stage.expectWhole()
    expect(stage.story.filter(line => line.startsWith('POST'))).toHaveLength(1)
    expect(task.countOfBytesSent).toBe(stage.content.length)
  })

  it('asks for the offset before it sends anything again', async () => {
    const stage = await openTusStage({size: 600_000})
    stage.proxy.cut(400_000)
    await stage.send()
    const answered = stage.story.filter(line => !line.startsWith('PATCH 4'))
    expect(answered).toEqual(['OPTIONS 204', 'POST 201', 'HEAD 200', 'PATCH 204'])
  })

  it('keeps where the server has it as soon as that is known', async () => {
    const stage = await openTusStage({configuration: slow})
    const task = stage.start()
    await vi.waitFor(() => expect(stage.record).toBeDefined(), patience)
    expect(stage.record).toMatchObject({
      protocol: 'tus',
      collection: stage.collection.href,
      interopVersion: null
    })
    expect(stage.record?.parts).toEqual([
      {url: expect.stringMatching(/\/files\/[0-9a-f]{32}$/) as string, first: 0, length: 300_000}
    ])
    task.cancel()
    await task.outcome
  })

  it('is paused, and continued by another run of the same command', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    await pauseInTheMiddle(stage)
    const again = stage.session()
    const task = stage.start({}, again)
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(task.resumedFrom).toBe(stage.store.spans[0]?.end)
    expect(task.resumedFrom).toBeGreaterThan(0)
    expect(again.count('didResumeAtOffset')).toBe(1)
    stage.expectWhole()
  })

  it('is paused, and continued from its resume data', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    const path = await pauseInTheMiddle(stage)
    const task = await stage.session().session.uploadTaskWithResumeData(path)
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed', response: {status: 204}})
    stage.expectWhole()
  })

  it('has nothing to send where the last answer was lost', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    const path = await pauseInTheMiddle(stage)
    const url = new URL(stage.record?.parts[0]?.url ?? '')
    // The server may still be at what arrived before the pause.
    await vi.waitFor(async () => {
      const offset = stage.store.spans[0]?.end ?? 0
      const rest = await fetch(url, {
        method: 'PATCH',
        headers: {
          'Tus-Resumable': '1.0.0',
          'Upload-Offset': String(offset),
          'Content-Type': 'application/offset+octet-stream'
        },
        body: new Uint8Array(stage.content.subarray(offset))
      })
      expect(rest.status).toBe(204)
    }, patience)
    stage.story.length = 0
    const task = await stage.session().session.uploadTaskWithResumeData(path)
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(stage.story).toEqual(['HEAD 200'])
    expect(task.countOfBytesSent).toBe(600_000)
    stage.expectWhole()
  })

  it('refuses to continue with a file that has changed, and asks nobody', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    const path = await pauseInTheMiddle(stage)
    writeFileSync(stage.file, Buffer.alloc(600_000, 1))
    stage.story.length = 0
    await expect(stage.session().session.uploadTaskWithResumeData(path)).rejects.toMatchObject({
      code: 'SOURCE_CHANGED'
    })
    expect(stage.story).toEqual([])
  })

  it('is forgotten by the server when it is cancelled', async () => {
    const stage = await openTusStage({configuration: slow})
    const task = stage.start()
    await vi.waitFor(() => expect(task.countOfBytesSent).toBeGreaterThan(50_000), patience)
    task.cancel()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(stage.story.at(-1)).toBe('DELETE 204')
    expect(stage.kept).toEqual([])
    expect(stage.recordNames).toEqual([])
  })

  it('begins again where the server has forgotten it', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    await pauseInTheMiddle(stage)
    for (const name of stage.kept) await stage.store.remove(name)
    stage.store.spans.length = 0
    const task = stage.start({}, stage.session())
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(task.restartReason).toBe('The server does not know the upload any more (404)')
    stage.expectWhole()
  })

  it('does not begin again where that is refused', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000})
    await pauseInTheMiddle(stage)
    for (const name of stage.kept) await stage.store.remove(name)
    const outcome = await stage.send({restarting: 'refuse'}, stage.session())
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  })

  it('does not ask for an upload that has expired', async () => {
    const stage = await openTusStage({configuration: slow, size: 600_000, expiration: 60_000})
    await pauseInTheMiddle(stage)
    const expires = stage.record?.expires ?? 0
    expect(expires - Date.now()).toBeLessThan(60_000)
    vi.useFakeTimers({toFake: ['Date'], now: expires + 50})
    onTestFinished(() => void vi.useRealTimers())
    stage.story.length = 0
    const task = stage.start({}, stage.session())
    await vi.waitFor(() => expect(stage.story).toContain('POST 201'), patience)
    expect(stage.story).toEqual(['OPTIONS 204', 'POST 201'])
    expect(task.restartReason).toBe('The upload has expired on the server')
    task.cancel()
    await task.outcome
  })

  it('waits while a connection that is gone still holds it', async () => {
    const locker = new MemoryLocker({acquireLockTimeout: 50})
    const stage = await openTusStage({configuration: slow, size: 600_000, server: {locker}})
    const path = await pauseInTheMiddle(stage)
    const held = locker.newLock(new URL(stage.record?.parts[0]?.url ?? '').pathname.slice('/files/'.length))
    await held.lock(new AbortController().signal, () => {})
    const again = stage.session()
    const task = await again.session.uploadTaskWithResumeData(path)
    task.resume()
    await vi.waitFor(() => expect(again.count('taskIsWaiting')).toBeGreaterThan(0), patience)
    await held.unlock()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    stage.expectWhole()
  })
})
