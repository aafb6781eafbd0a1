import {renameSync, rmSync, writeFileSync} from 'node:fs'
import {expect, it, vi} from 'vitest'
import {discardResumeData} from '../../../src/engine/index.ts'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {digestOf, first, openStage, signingKey} from './stage.ts'
import type {Stage} from './stage.ts'

/** What a process has done that ended between giving the file its name and tidying up, or is there still. */
async function nameFile(stage: Stage): Promise<void> {
  await stage.interruptBeforeNaming(first)
  await stage.alter(record => ({...record, state: 'committing'}))
  renameSync(stage.partial, stage.target)
}

/** Whoever wants the lock next finds that its holder has just done its last step, and is gone. */
function justBeforeLock(lastStep: () => void): void {
  const acquire = TargetLock.acquire.bind(TargetLock)
  vi.spyOn(TargetLock, 'acquire').mockImplementationOnce(target => {
    lastStep()
    return acquire(target)
  })
}

it('leaves the tidying to the process that has given the file its name and is still at it [62]', async () => {
  const stage = await openStage()
  await nameFile(stage)
  const lock = await TargetLock.acquire(stage.target)
  await expect(stage.download()).resolves.toMatchObject({state: 'failed', error: {code: 'BUSY'}})
  expect(stage.files).toEqual(['F', 'F.ferry', 'F.lock'])
  lock.release()
  await expect(stage.download()).resolves.toMatchObject({state: 'completed', note: 'alreadyComplete'})
  expect(stage.files).toEqual(['F'])
})

it('finds the file complete where another process tidies up in the same moment [62]', async () => {
  const stage = await openStage()
  await nameFile(stage)
  justBeforeLock(() => rmSync(stage.resumeData))
  await expect(stage.download()).resolves.toMatchObject({state: 'completed', note: 'alreadyComplete'})
  expect(stage.origin.requests).toHaveLength(0)
  expect(stage.files).toEqual(['F'])
})

it('fetches the file once more where another process has used up the resume data in the same moment [62]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, 400)
  stage.origin.change('/F', first)
  justBeforeLock(() => {
    rmSync(stage.resumeData)
    rmSync(stage.partial)
    writeFileSync(stage.target, first.body)
  })
  await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined])
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})

it('continues nothing by name that another process has used up in the same moment [R28]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, 400)
  const task = await stage.session.downloadTaskWithResumeData(stage.resumeData)
  justBeforeLock(() => {
    rmSync(stage.resumeData)
    rmSync(stage.partial)
  })
  task.resume()
  await expect(task.outcome).resolves.toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
  expect(stage.origin.requests).toHaveLength(0)
  expect(stage.files).toEqual([])
})

it('lets two discard the same resume data in the same moment', async () => {
  const stage = await openStage()
  await stage.interrupt(first, 400)
  await Promise.all([1, 2].map(() => discardResumeData(stage.resumeData, signingKey)))
  expect(stage.files).toEqual([])
})
