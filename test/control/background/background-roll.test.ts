import {describe, expect, it} from 'vitest'
import {listedTask} from '../../../src/control/task-roll.ts'
import type {ListedTask} from '../../../src/control/task-record.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

describe('The tasks of the journal, some at a time', () => {
  it('are the same, in the same order, as all at once', async () => {
    const stage = await dispatcherStage()
    const later = Date.now() + 3600_000
    stage.submit(Array.from({length: 1050}, () => stage.download('file', {earliestBegin: later})))
    const [first] = stage.dispatcher.roll.list('active')
    await first?.task.cancel()
    for (const which of ['active', 'resumable', 'all'] as const) {
      const pages = [...stage.dispatcher.roll.texts(which)]
      const tasks = JSON.parse(`[${pages.join(',')}]`) as readonly ListedTask[]
      const ids = tasks.map(({id}) => id)
      expect(pages.length).toBeGreaterThan(1)
      expect(tasks).toEqual(stage.dispatcher.roll.list(which).map(listedTask))
      expect(ids).toHaveLength(which === 'all' ? 1050 : 1049)
    }
  })
})
