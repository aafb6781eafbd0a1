import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {cancelUpload, discardResumeData} from '../../../src/engine/index.ts'
import type {UploadTask} from '../../../src/engine/index.ts'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {respond} from '../../origin/handlers.ts'
import {signingKey} from '../download/stage.ts'
import {speak} from './chosen-protocol.ts'
import {answered, hangs, named} from './fake-protocol.ts'
import {interrupt} from './interrupt.ts'
import {untilResumable} from './until-resumable.ts'
import {openWalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

/** Whoever wants the lock next finds that its holder has used up the resume data, and is gone. */
function usedUpMeanwhile(path: string): void {
  const acquire = TargetLock.acquire.bind(TargetLock)
  vi.spyOn(TargetLock, 'acquire').mockImplementationOnce(target => {
    rmSync(path)
    return acquire(target)
  })
}

it.each(['continue', 'cancel'] as const)(
  'a pause waits for the resume data of a resource that the server has named this moment (%s)',
  async otherwise => {
    let task: UploadTask | undefined
    const paused = Promise.withResolvers<string | undefined>()
    const protocol = speak(named('/r', hangs))
    const keyWanted = () => {
      if (protocol.calls.length > 0 && task) paused.resolve(task.cancelByProducingResumeData(otherwise))
    }
    const stage = await openWalkStage({keyWanted})
    task = stage.start()
    expect(await paused.promise).toBe(stage.recordPath)
    expect(await task.outcome).toMatchObject({state: 'paused', resumeData: stage.recordPath})
    expect(protocol.calls).toEqual(['create'])
  }
)

describe('resume data that another process uses up at the same moment', () => {
  it.each(['found', 'given'] as const)(
    'is no reason to fail: the file is sent from zero (%s)',
    async place => {
      const stage = await openWalkStage()
      stage.origin.on('/U', respond(201))
      const scene = place === 'given' ? {resumeDataPath: join(stage.folder, 'mine.ferry')} : {}
      speak(named('/r', hangs))
      const before = stage.start(scene)
      await untilResumable(before)
      const path = (await before.cancelByProducingResumeData()) ?? ''
      usedUpMeanwhile(path)
      const protocol = speak(named('/s', answered))
      expect(await stage.upload(scene)).toMatchObject({state: 'completed'})
      expect(protocol.calls).toEqual(['create'])
      expect(stage.files).toEqual([])
    }
  )

  it('cannot be continued by name', async () => {
    const stage = await openWalkStage()
    await interrupt(stage)
    const protocol = speak(hangs)
    const task = await stage.session().uploadTaskWithResumeData(stage.recordPath)
    usedUpMeanwhile(stage.recordPath)
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
    expect(protocol.calls).toEqual([])
  })

  it('leaves nothing to cancel, and the server is told nothing', async () => {
    const stage = await openWalkStage()
    await interrupt(stage)
    const path = stage.recordPath
    usedUpMeanwhile(path)
    const protocol = speak(hangs)
    await expect(cancelUpload(stage.session(), path)).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
    expect(protocol.calls).toEqual([])
    expect(stage.files).toEqual([])
  })

  it.each([
    ['its user', signingKey],
    ['a stranger', Buffer.alloc(32, 1)]
  ])('may be what two discard: %s', async (_who, key) => {
    const stage = await openWalkStage()
    await interrupt(stage, {lifetime: 'task'})
    const path = stage.recordPath
    await Promise.all([1, 2].map(() => discardResumeData(path, key)))
    expect(stage.files).toEqual([])
  })
})
