import {describe, expect, it} from 'vitest'
import {dispatcherStage} from './dispatcher-stage.ts'

describe('The tasks of the journal, some at a time', () => {
  it('are the same, in the same order, as all at once', async () => {
    const stage = await dispatcherStage()
    const later = Date.now() + 3600_000
    stage.submit(Array.from({length: 450}, () => stage.download('file', {earliestBegin: later})))
    const [first] = stage.dispatcher.roll.list('active')
    await first?.task.cancel()
    for (const which of ['active', 'resumable', 'all'] as const) {
      const pages = [...stage.dispatcher.roll.pages(which)]
      const ids = pages.flat().map(({task}) => task.id)
      expect(pages.length).toBeGreaterThan(1)
      expect(ids).toEqual(stage.dispatcher.roll.list(which).map(({task}) => task.id))
      expect(ids).toHaveLength(which === 'all' ? 450 : 449)
    }
  })
})
