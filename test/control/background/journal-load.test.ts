import {describe, expect, it} from 'vitest'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, openedJournal, snapshot} from './journal-stage.ts'
import type {TaskFacts} from './journal-stage.ts'

const count = 10_000
// What a machine that has something else to do may take longer than it is allowed to.
const patience = 3

/** Milliseconds that the quickest of some calls takes: others may have been interrupted. */
function quickest(act: () => unknown): number {
  return Math.min(
    ...Array.from({length: 5}, () => {
      const begun = performance.now()
      act()
      return performance.now() - begun
    })
  )
}

describe('Ten thousand waiting tasks', {timeout: 60_000}, () => {
  it.each([
    ['without secrets', {}],
    [
      'with a secret each',
      {
        request: {
          url: 'http://127.0.0.1/a?b=c',
          headers: [['Accept', 'x'.repeat(200)]]
        } satisfies TaskFacts['request']
      }
    ]
  ] as const)('%s are taken, listed, counted and looked through in no time', async (_, facts) => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const tasks = Array.from({length: count}, (_each, index) =>
      downloadTask({...facts, priority: (index % 10) / 10})
    )
    const begun = performance.now()
    journal.submit({session: 's', snapshot, tasks})
    expect(performance.now() - begun).toBeLessThan(2000 * patience)
    expect(quickest(() => journal.startable('s', {now: Date.now(), limit: 6}))).toBeLessThan(5 * patience)
    expect(quickest(() => journal.counts())).toBeLessThan(5 * patience)
    expect(quickest(() => journal.tasks({which: 'all'}))).toBeLessThan(150 * patience)
    journal.close()
    const opening = performance.now()
    const again = (await openedJournal(folder)).journal
    expect(performance.now() - opening).toBeLessThan(2000 * patience)
    expect(again.counts().waiting).toBe(count)
  })

  it('leave no more in memory than they did at first, whatever becomes of them', async () => {
    const {journal} = await openedJournal(scratchFolder())
    const tasks = Array.from({length: count}, () => downloadTask())
    journal.submit({session: 's', snapshot, tasks})
    const round = (): number => {
      for (let calls = 0; calls < 2000; calls++) journal.startable('s', {now: Date.now(), limit: 6})
      journal.tasks({which: 'all'})
      return process.memoryUsage().rss
    }
    const settled = Math.max(round(), round(), round())
    expect(Math.max(round(), round(), round()) - settled).toBeLessThan(32 * 1024 * 1024)
  })
})
