import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {describe, expect, it} from 'vitest'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, openedJournal, snapshot, submitTo} from './journal-stage.ts'
import type {TaskFacts} from './journal-stage.ts'

const count = 10_000
// Caches and the clock of a processor that is shared make the same work take longer than it is allowed to.
const patience = 3

/** Milliseconds of the processor that a call takes, whatever else the machine does meanwhile. */
async function effort(act: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await act()
  const {user, system} = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The least of some calls: the collector may have come into others. */
async function least(act: () => unknown): Promise<number> {
  const efforts: number[] = []
  for (let calls = 0; calls < 5; calls++) efforts.push(await effort(act))
  return Math.min(...efforts)
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
    const taking = await effort(() => submitTo(journal, {session: 's', snapshot, tasks}))
    expect(taking).toBeLessThan(2000 * patience)
    expect(await least(() => journal.startable('s', {now: Date.now(), limit: 6}))).toBeLessThan(5 * patience)
    expect(await least(() => journal.counts())).toBeLessThan(5 * patience)
    expect(await least(() => journal.tasks({which: 'all'}))).toBeLessThan(150 * patience)
    journal.close()
    let again = journal
    const opening = await effort(async () => {
      again = (await openedJournal(folder)).journal
    })
    expect(opening).toBeLessThan(2000 * patience)
    expect(again.counts().waiting).toBe(count)
  })

  // What is garbage counts as long as nobody collects it, and when that is depends on the rest of the process.
  function collect(): void {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc()')
  }

  it('leave no more in memory than they did at first, whatever becomes of them', async () => {
    const {journal} = await openedJournal(scratchFolder())
    const tasks = Array.from({length: count}, () => downloadTask())
    submitTo(journal, {session: 's', snapshot, tasks})
    const round = (): number => {
      for (let calls = 0; calls < 2000; calls++) journal.startable('s', {now: Date.now(), limit: 6})
      journal.tasks({which: 'all'})
      collect()
      const {heapUsed, external} = process.memoryUsage()
      return heapUsed + external
    }
    const settled = Math.max(round(), round(), round())
    expect(Math.max(round(), round(), round()) - settled).toBeLessThan(8 * 1024 * 1024)
  })
})
