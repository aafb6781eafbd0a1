import {describe, expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

const body = seededBytes(300_000, 1)

describe('A task of the background', () => {
  it('puts its file there and ends once, told in order', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {body, entityTag: '"v1"'})
    const [id = ''] = stage.submit([stage.download('file')])
    const record = await stage.ended(id)
    expect(record).toMatchObject({
      id,
      session: 'background',
      state: 'completed',
      bytes: body.length,
      error: null
    })
    expect(stage.file('file')).toEqual(body)
    expect(stage.told(id)).toEqual([
      'task.created',
      'task.started',
      'task.response',
      'task.finished',
      'task.metrics',
      'task.completed'
    ])
    expect(stage.reports).toEqual([])
  })
})
