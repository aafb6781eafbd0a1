import {execFileSync} from 'node:child_process'
import {mkdirSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {beforeEach, describe, expect, it, onTestFinished, vi} from 'vitest'
import {TargetLock} from '../../../src/engine/files/target-lock.ts'
import {TransferError} from '../../../src/engine/index.ts'
import {respond} from '../../origin/handlers.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {speak} from './chosen-protocol.ts'
import {answered, complete, hangs, has, named} from './fake-protocol.ts'
import {interrupt} from './interrupt.ts'
import {untilResumable} from './until-resumable.ts'
import {openWalkStage} from './walk-stage.ts'
import type {WalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
})

describe('resume data that somebody removes while the upload runs', () => {
  it('is written again at the pause, with the folder of the session', async () => {
    speak(named('/r', has(400, hangs)), complete)
    const task = stage.start()
    await untilResumable(task)
    rmSync(stage.records, {recursive: true})
    expect(await task.cancelByProducingResumeData()).toBe(stage.recordPath)
    expect(stage.record).toMatchObject({state: 'paused', prefix: {length: 400}})
    expect(await stage.resume()).toMatchObject({state: 'completed'})
  })

  it('is not promised where it cannot be written again: the upload is taken back', async () => {
    const protocol = speak(named('/r', has(400, hangs)))
    const resumeDataPath = join(scratchFolder(), 'own', 'F.ferry')
    mkdirSync(dirname(resumeDataPath))
    const task = stage.start({resumeDataPath})
    await untilResumable(task)
    rmSync(dirname(resumeDataPath), {recursive: true})
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    const outcome = await task.outcome
    expect(outcome).toMatchObject({state: 'cancelled'})
    expect(outcome.resumeData).toBeUndefined()
    expect(protocol.calls.at(-1)).toBe('cancel /r')
  })
})

describe('resume data of an earlier task that nobody has the right to take up', () => {
  const disk = new TransferError('WRITE_FAILED', 'The disk is read-only')

  it.each([
    ['because nothing can be written', [disk]],
    [
      'because somebody is at it, and nothing can be written',
      [new TransferError('BUSY', 'It is in use'), disk]
    ]
  ])('is left alone, and the file is sent from zero (%s)', async (_, failures) => {
    await interrupt(stage)
    const {record} = stage
    const acquire = vi.spyOn(TargetLock, 'acquire')
    onTestFinished(() => acquire.mockRestore())
    for (const failure of failures) acquire.mockRejectedValueOnce(failure)
    stage.origin.on('/U', respond(201))
    const protocol = speak(named('/s', answered))
    expect(await stage.upload()).toMatchObject({state: 'completed'})
    expect(protocol.calls).toEqual(['create'])
    expect(stage.record).toEqual(record)
    expect(stage.files).toEqual(stage.names)
  })
})

describe('a pipe that has taken the place of the file', () => {
  const replace = (): void => {
    rmSync(stage.file)
    execFileSync('mkfifo', [stage.file])
  }

  it.each(['refuse', 'restart'] as const)('is not sent instead of it (%s)', async whenLost => {
    await interrupt(stage)
    replace()
    await expect(stage.resume({whenLost})).rejects.toMatchObject({code: 'SOURCE_CHANGED'})
    expect(stage.names).toHaveLength(1)
  })

  it('is noticed when the upload begins, too', async () => {
    await interrupt(stage)
    const task = await stage.session().uploadTaskWithResumeData(stage.recordPath, {whenLost: 'restart'})
    replace()
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'failed', error: {code: 'SOURCE_CHANGED'}})
    expect(stage.names).toHaveLength(1)
    expect(stage.origin.requests).toEqual([])
  })
})
