import {describe, expect, it, vi} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import {refusing} from './refusing-journal.ts'

const resource = {body: seededBytes(100_000, 1), entityTag: '"v1"'}

describe('A journal that the disk refuses', () => {
  it('keeps a task from its start until it is taken', async () => {
    const journalOf = refusing(3, ({state}) => state === 'running')
    const stage = await dispatcherStage({interval: 20, journalOf})
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    expect(stage.origin.requests).toEqual([])
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(1)
    expect(stage.reports).toHaveLength(3)
  })

  it('does not lose an end: it is written as soon as it is taken, and once; until then the task runs', async () => {
    const journalOf = refusing(1, ({state}) => state === 'completed')
    const stage = await dispatcherStage({journalOf})
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await vi.waitUntil(() => stage.reports.length > 0, patience)
    expect(stage.journal.task(id)?.state).toBe('running')
    expect(stage.dispatcher.roll.find(id)?.record()).toMatchObject({state: 'running', error: null})
    expect(stage.dispatcher.isIdle).toBe(false)
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    expect(stage.reports).toHaveLength(1)
  })

  it('lets no file get its name that could not be written down: the task waits for room', async () => {
    const journalOf = refusing(1, ({placing}) => placing !== undefined && placing !== null)
    const stage = await dispatcherStage({interval: 20, journalOf})
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.told(id).filter(event => event === 'task.waiting')).toHaveLength(1)
    expect(stage.file('file')).toEqual(resource.body)
  })
})
