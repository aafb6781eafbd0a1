import {existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

const body = seededBytes(400_000, 1)
const resource = {body, entityTag: '"v1"'}
const half = {holdAfter: {bytes: 200_000, until: new Promise(() => {})}}

/** Of two tasks one is halfway, and one waits because the session runs one at a time. */
async function halfway(stage: DispatcherStage): Promise<readonly [string, string]> {
  stage.origin.serve('/file', {...resource, faults: [half]})
  stage.origin.serve('/next', resource)
  const tasks = [stage.download('file'), stage.download('next')]
  const [running = '', waiting = ''] = stage.submit(tasks, {keys: {maxParallelTasks: 1}})
  await stage.untilBytes(running, 200_000)
  return [running, waiting]
}

describe('The end of the daemon', () => {
  it('pauses what runs without telling of an end, and the next daemon goes on with it [B13]', async () => {
    const stage = await dispatcherStage()
    const ids = await halfway(stage)
    await stage.close()
    expect(existsSync(join(stage.downloads, 'file.ferry'))).toBe(true)
    expect(stage.origin.openConnections).toBe(0)
    await stage.open()
    const [record, next] = await Promise.all(ids.map(id => stage.ended(id)))
    expect(record).toMatchObject({state: 'completed', resumedFrom: 200_000})
    expect(next).toMatchObject({state: 'completed'})
    for (const id of ids) {
      expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    }
    expect(stage.file('file')).toEqual(body)
  })

  it('takes nothing and starts nothing any more', async () => {
    const stage = await dispatcherStage()
    const ids = await halfway(stage)
    await stage.dispatcher.stop('keep')
    expect(ids.map(id => stage.journal.task(id)?.state)).toEqual(['waiting', 'waiting'])
    expect(() => stage.submit([stage.download('other')])).toThrow(expect.objectContaining({code: 'BUSY'}))
    expect(stage.origin.requestsOf('/next')).toEqual([])
  })

  it('by force cancels everything, keeps what can be continued, and says why [B13]', async () => {
    const stage = await dispatcherStage()
    const [running, waiting] = await halfway(stage)
    const held = stage.submit([stage.download('held', {earliestBegin: Date.now() + 3600_000})])[0] ?? ''
    await stage.dispatcher.roll.find(held)?.task.hold?.('continue')
    await stage.close('cancel')
    await stage.open()
    const resumeData = join(stage.downloads, 'file.ferry')
    const cancelled = {state: 'cancelled', reason: 0, error: {code: 'CANCELLED', exitCode: 115}}
    for (const [id, kept] of [
      [running, resumeData],
      [waiting, null],
      [held, null]
    ] as const) {
      expect(stage.events({task: id}).at(-1)).toMatchObject({
        event: 'task.completed',
        facts: {...cancelled, resumeData: kept}
      })
      expect(stage.dispatcher.roll.find(id)?.end()).toMatchObject({
        exitCode: 115,
        record: {state: 'cancelled', resumeData: kept}
      })
      expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    }
    expect(readdirSync(stage.downloads).toSorted()).toEqual(['file.ferry', 'file.part'])
    expect(stage.dispatcher.isIdle).toBe(true)
  })

  it('leaves what a task can go on from, also where the next daemon cannot place the file', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, faults: [half]})
    const [id = ''] = stage.submit([stage.download('file', {options: {ifExists: 'fail'}})])
    await stage.untilBytes(id, 200_000)
    await stage.close()
    writeFileSync(join(stage.downloads, 'file'), 'of somebody else')
    await stage.open()
    const resumeData = join(stage.downloads, 'file.ferry')
    const error = {code: 'DESTINATION_EXISTS'}
    expect(await stage.ended(id)).toMatchObject({state: 'failed', error, resumeData})
    const [next = ''] = stage.submit([stage.continuation(resumeData)])
    expect(await stage.ended(next)).toMatchObject({state: 'failed', error, resumeData})
    expect(stage.events({task: next}).at(-1)).toMatchObject({event: 'task.completed', facts: {resumeData}})
    rmSync(join(stage.downloads, 'file'))
    const [last = ''] = stage.submit([stage.continuation(resumeData)])
    expect(await stage.ended(last)).toMatchObject({
      state: 'completed',
      resumedFrom: 200_000,
      resumeData: null
    })
  })

  it('leaves a file alone that is finished at the same moment: it is finished', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.ended(id)
    await stage.close('cancel')
    await stage.open()
    expect((await stage.ended(id)).state).toBe('completed')
  })

  it('by force writes once for all that wait, of thousands too [B13]', async () => {
    const stage = await dispatcherStage()
    const earliestBegin = Date.now() + 3600_000
    const ids = stage.submit(
      Array.from({length: 1000}, (_each, place) => stage.download(`${place}`, {earliestBegin}))
    )
    const writes = [vi.spyOn(stage.journal, 'change'), vi.spyOn(stage.journal, 'changeAll')]
    await stage.dispatcher.stop('cancel')
    expect(writes.reduce((sum, {mock}) => sum + mock.calls.length, 0)).toBe(1)
    const ends = stage.events().filter(({event}) => event === 'task.completed')
    expect(ends.map(({task}) => task)).toEqual(ids)
    expect(stage.journal.counts()).toMatchObject({waiting: 0, cancelled: 1000})
  })
})
