import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {listedTask} from '../../../src/control/task-roll.ts'
import type {ListedTask} from '../../../src/control/task-record.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

const body = seededBytes(400_000, 1)
const resource = {body, entityTag: '"v1"'}
const half = {holdAfter: {bytes: 200_000, until: new Promise(() => {})}}

function listed(stage: DispatcherStage, id: string): ListedTask | undefined {
  const rolled = stage.dispatcher.roll.find(id)
  return rolled && listedTask(rolled)
}

/** A download of which half is here and nothing more comes; what asks again gets the rest. */
async function halfway(stage: DispatcherStage, name = 'file'): Promise<string> {
  stage.origin.serve(`/${name}`, {...resource, faults: [half]})
  const [id = ''] = stage.submit([stage.download(name)])
  await stage.untilBytes(id, 200_000)
  return id
}

describe('Pause', () => {
  it('ends a task that runs with resume data, and that is told', async () => {
    const stage = await dispatcherStage()
    const id = await halfway(stage)
    expect(listed(stage, id)).toMatchObject({
      state: 'running',
      pid: process.pid,
      actions: ['pause', 'cancel']
    })
    await stage.dispatcher.roll.find(id)?.task.cancelByProducingResumeData?.('continue')
    const resumeData = join(stage.downloads, 'file.ferry')
    expect(listed(stage, id)).toMatchObject({
      state: 'paused',
      resumeData,
      pid: null,
      actions: ['resume', 'cancel']
    })
    expect(stage.dispatcher.roll.find(id)?.end()?.exitCode).toBe(114)
    expect(existsSync(resumeData)).toBe(true)
    expect(stage.events({task: id}).at(-1)?.facts).toMatchObject({state: 'paused', error: null, resumeData})
  })

  it('lets a task go on that could not be continued, unless its bytes may be lost', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {body, acceptRanges: 'none', ranges: 'ignored', fault: half})
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.untilBytes(id, 200_000)
    const task = stage.dispatcher.roll.find(id)?.task
    await task?.cancelByProducingResumeData?.('continue')
    expect(listed(stage, id)?.state).toBe('running')
    await task?.cancelByProducingResumeData?.('cancel')
    expect(listed(stage, id)).toMatchObject({state: 'cancelled', resumeData: null})
    expect(readdirSync(stage.downloads)).toEqual([])
  })

  it('writes a task down that has not started yet, and asks nobody for it', async () => {
    const stage = await dispatcherStage()
    const [id = ''] = stage.submit([stage.download('file', {earliestBegin: Date.now() + 3600_000})])
    await stage.dispatcher.roll.find(id)?.task.cancelByProducingResumeData?.('continue')
    expect(listed(stage, id)).toMatchObject({
      state: 'paused',
      resumeData: join(stage.downloads, 'file.ferry'),
      actions: ['resume', 'cancel']
    })
    expect(stage.told(id)).toEqual(['task.created', 'task.completed'])
    expect(stage.origin.requests).toEqual([])
  })
})

describe('Hold', () => {
  it('stops a task without an end, and the same one goes on from there when it is released [T12]', async () => {
    const stage = await dispatcherStage()
    const id = await halfway(stage)
    const task = stage.dispatcher.roll.find(id)?.task
    await task?.hold?.('continue')
    expect(listed(stage, id)).toMatchObject({id, state: 'suspended', actions: ['resume', 'pause', 'cancel']})
    expect(stage.told(id)).toEqual(['task.created', 'task.started', 'task.response'])
    expect(stage.dispatcher.isIdle).toBe(true)
    task?.release?.()
    expect(await stage.ended(id)).toMatchObject({id, state: 'completed', resumedFrom: 200_000})
    expect(stage.file('file')).toEqual(body)
    expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    expect(
      stage
        .events({task: id})
        .filter(({event}) => event === 'task.started')
        .map(({facts}) => facts['attempt'])
    ).toEqual([1, 2])
  })

  it('survives the end of the daemon: nobody but a person lets it go on [T12]', async () => {
    const stage = await dispatcherStage()
    const id = await halfway(stage)
    await stage.dispatcher.roll.find(id)?.task.hold?.('continue')
    await stage.reopen()
    expect(listed(stage, id)?.state).toBe('suspended')
    stage.dispatcher.roll.find(id)?.task.release?.()
    expect((await stage.ended(id)).state).toBe('completed')
  })

  it('refuses to lose what cannot be continued; with nothing there yet, there is nothing to lose', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {body, acceptRanges: 'none', ranges: 'ignored', faults: [half]})
    stage.origin.serve('/silent', {...resource, faults: [{holdHead: new Promise(() => {})}]})
    const [id = '', silent = ''] = stage.submit([stage.download('file'), stage.download('silent')])
    await stage.untilBytes(id, 200_000)
    await expect(stage.dispatcher.roll.find(id)?.task.hold?.('continue')).rejects.toMatchObject({
      code: 'NOT_RESUMABLE'
    })
    expect(listed(stage, id)?.state).toBe('running')
    await stage.dispatcher.roll.find(silent)?.task.hold?.('continue')
    expect(listed(stage, silent)?.state).toBe('suspended')
    await stage.dispatcher.roll.find(id)?.task.hold?.('cancel')
    expect(listed(stage, id)?.state).toBe('suspended')
    stage.dispatcher.roll.find(id)?.task.release?.()
    expect(await stage.ended(id)).toMatchObject({state: 'completed', resumedFrom: null})
  })

  it('keeps a task from starting that waits; only a held one can be released', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file', {earliestBegin: Date.now() + 200})])
    const task = stage.dispatcher.roll.find(id)?.task
    expect(() => task?.release?.()).toThrow(expect.objectContaining({code: 'BUSY'}))
    await task?.hold?.('continue')
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(stage.origin.requests).toEqual([])
    task?.release?.()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(() => task?.release?.()).toThrow(expect.objectContaining({code: 'NOT_RESUMABLE'}))
  })
})

describe('Cancel', () => {
  it('ends a task that runs, and leaves nothing', async () => {
    const stage = await dispatcherStage()
    const id = await halfway(stage)
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect(listed(stage, id)).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}, actions: []})
    expect(stage.events({task: id}).at(-1)?.facts).toMatchObject({state: 'cancelled', resumeData: null})
    expect(readdirSync(stage.downloads)).toEqual([])
  })

  it('ends one that waits or is held, with what it had', async () => {
    const stage = await dispatcherStage()
    const held = await halfway(stage)
    await stage.dispatcher.roll.find(held)?.task.hold?.('continue')
    const [waiting = ''] = stage.submit([stage.download('later', {earliestBegin: Date.now() + 3600_000})])
    for (const id of [held, waiting]) {
      await stage.dispatcher.roll.find(id)?.task.cancel()
      expect(listed(stage, id)).toMatchObject({state: 'cancelled', actions: []})
      expect(stage.told(id).at(-1)).toBe('task.completed')
    }
    expect(readdirSync(stage.downloads)).toEqual([])
  })

  it('takes from a paused one what it could go on from; that its end was another one before is told no second time', async () => {
    const stage = await dispatcherStage()
    const id = await halfway(stage)
    await stage.dispatcher.roll.find(id)?.task.cancelByProducingResumeData?.('continue')
    const told = stage.told(id)
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect(listed(stage, id)).toMatchObject({state: 'cancelled', error: null, resumeData: null, actions: []})
    expect(stage.told(id)).toEqual(told)
    expect(readdirSync(stage.downloads)).toEqual([])
  })

  it('of a finished task is nothing', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.ended(id)
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect(listed(stage, id)?.state).toBe('completed')
    expect(stage.file('file')).toEqual(body)
  })

  it('removes the copy that was made for an upload alone', async () => {
    const stage = await dispatcherStage()
    const spooled = join(stage.folder, 'spooled')
    writeFileSync(spooled, body)
    const later = Date.now() + 3600_000
    const [id = ''] = stage.submit([stage.upload(spooled, {lifetime: 'task', earliestBegin: later})])
    expect(listed(stage, id)).toMatchObject({kind: 'upload', source: '-', total: body.length})
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect(existsSync(spooled)).toBe(false)
  })
})

describe('The list', () => {
  it('has what is active, and with the ended ones everything, in the order of submission', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/done', resource)
    const id = await halfway(stage)
    const [done = ''] = stage.submit([stage.download('done')])
    const [later = ''] = stage.submit([
      stage.download('later', {
        earliestBegin: Date.now() + 3600_000,
        request: {url: stage.origin.url('/later?key=1')}
      })
    ])
    await stage.ended(done)
    const ids = (which: 'active' | 'all'): readonly string[] =>
      stage.dispatcher.roll.list(which).map(({task}) => task.id)
    expect(ids('active')).toEqual([id, later])
    expect(ids('all')).toEqual([id, done, later])
    expect(listed(stage, later)).toMatchObject({
      state: 'waiting',
      pid: process.pid,
      path: join(stage.downloads, 'later'),
      bytes: 0
    })
    expect(stage.dispatcher.roll.find('unknown')).toBeUndefined()
  })
})
