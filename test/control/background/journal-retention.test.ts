import {afterEach, describe, expect, it, vi} from 'vitest'
import type {Journal} from '../../../src/control/background/journal.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, eventOf, openedJournal, snapshot, submitTo} from './journal-stage.ts'

const day = 24 * 3600 * 1000
const session = 's'

/** A journal under a clock of its own. */
async function journalAt(time: string): Promise<Journal> {
  vi.useFakeTimers({toFake: ['Date'], now: new Date(time)})
  return (await openedJournal(scratchFolder())).journal
}

/** Submits a task and ends it, and tells of that. */
function ended(journal: Journal): string {
  const task = downloadTask()
  submitTo(journal, {session, snapshot, tasks: [task]})
  journal.change(task.id, {state: 'completed'}, [eventOf('task.completed', task.id)])
  return task.id
}

/** Lets days pass, on each of which something happens. */
function live(journal: Journal, days: number): void {
  for (let passed = 0; passed < days; passed += 1) {
    vi.setSystemTime(Date.now() + day + 1)
    submitTo(journal, {session, snapshot, tasks: []})
  }
}

const known = (journal: Journal): readonly string[] =>
  journal.tasks({which: 'all'}).map(({submitted}) => submitted.id)
const told = (journal: Journal): readonly (string | null)[] =>
  journal.events(session, {after: -1, limit: 100}).map(({task}) => task)

afterEach(() => vi.useRealTimers())

describe('What has ended', () => {
  it('goes after ninety days, with what was told then, and what has not ended stays', async () => {
    const journal = await journalAt('2026-01-01T00:00:00Z')
    const waiting = downloadTask()
    submitTo(journal, {session, snapshot, tasks: [waiting]})
    const old = ended(journal)
    live(journal, 89)
    const young = ended(journal)
    expect(known(journal)).toEqual([waiting.id, old, young])
    live(journal, 2)
    expect(known(journal)).toEqual([waiting.id, young])
    expect(told(journal)).toEqual([young])
    expect(journal.acknowledged(session)).toBe(0)
  })

  it('stays when the clock is set a year forward, also for some days, and back again', async () => {
    const journal = await journalAt('2026-01-01T00:00:00Z')
    live(journal, 20)
    const fresh = ended(journal)
    const right = Date.now()
    vi.setSystemTime(right + 365 * day)
    live(journal, 3)
    expect(known(journal)).toEqual([fresh])
    expect(told(journal)).toEqual([fresh])
    vi.setSystemTime(right)
    live(journal, 60)
    expect(known(journal)).toEqual([fresh])
  })

  it('stays when it ended while the clock was wrong by decades, and was put right', async () => {
    const journal = await journalAt('2026-01-01T00:00:00Z')
    live(journal, 20)
    const before = ended(journal)
    vi.setSystemTime(new Date('1970-01-01T00:05:00Z'))
    const early = ended(journal)
    vi.setSystemTime(new Date('2026-01-22T00:00:00Z'))
    live(journal, 3)
    expect(known(journal)).toEqual([before, early])
    live(journal, 30)
    // What is told in order is forgotten in order.
    expect(told(journal)).toEqual([before, early])
  })
})
