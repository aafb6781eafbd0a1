import {DatabaseSync} from 'node:sqlite'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {Journal} from '../../../src/control/background/journal.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, eventOf, openedJournal, snapshot, submitTo} from './journal-stage.ts'

const all = {after: -1, limit: 10_000}
const seqs = (journal: Journal, session = 's'): number[] => journal.events(session, all).map(({seq}) => seq)

/** Submits tasks and ends them, all told of. */
function endedIn(journal: Journal, count: number): string[] {
  const tasks = Array.from({length: count}, () => downloadTask())
  submitTo(journal, {session: 's', snapshot, tasks})
  for (const {id} of tasks) journal.change(id, {state: 'completed'}, [eventOf('task.completed', id)])
  return tasks.map(({id}) => id)
}

describe('Events', () => {
  it('are numbered in each session from 0 on, and come in that order [B9]', async () => {
    const {journal} = await openedJournal(scratchFolder())
    expect(journal.append('s', [eventOf('a'), eventOf('b')]).map(({seq}) => seq)).toEqual([0, 1])
    journal.append('another', [eventOf('x')])
    journal.append('s', [{...eventOf('c', 't1'), facts: {bytes: 3, text: 'ü\u0000'}}])
    expect(journal.events('s', {after: 0, limit: 1})).toMatchObject([{seq: 1, event: 'b'}])
    expect(journal.events('s', {after: 1, limit: 9})).toMatchObject([
      {seq: 2, event: 'c', task: 't1', facts: {bytes: 3, text: 'ü\u0000'}}
    ])
    expect(seqs(journal, 'another')).toEqual([0])
  })

  it('come again until they are acknowledged, and their numbers never [B11]', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    journal.append(
      's',
      ['a', 'b', 'c'].map(name => eventOf(name))
    )
    const token = journal.token('s', 1)
    journal.close()
    const again = (await openedJournal(folder)).journal
    expect(seqs(again)).toEqual([0, 1, 2])
    expect(again.acknowledged('s')).toBe(-1)
    again.acknowledge('s', token)
    expect([again.acknowledged('s'), ...seqs(again)]).toEqual([1, 2])
    expect(again.sessions()).toMatchObject([{undelivered: 1}])
    again.acknowledge('s', again.token('s', 2))
    again.close()
    const third = (await openedJournal(folder)).journal
    expect(third.append('s', [eventOf('d')])).toMatchObject([{seq: 3}])
    expect(third.acknowledged('s')).toBe(2)
  })

  it('of a session that was invalidated go on from the number of before', async () => {
    const {journal} = await openedJournal(scratchFolder())
    journal.append('s', [eventOf('a')])
    journal.invalidate('s')
    journal.endInvalidation('s', [eventOf('session.invalidated')])
    journal.acknowledge('s', journal.token('s', 1))
    expect(journal.sessions()).toEqual([])
    expect(journal.append('s', [eventOf('b')])).toMatchObject([{seq: 2}])
  })
})

describe('A token', () => {
  it('is the same for the same place, and in every journal another one [R67]', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    journal.append('s', [eventOf('a'), eventOf('b')])
    const tokens = [journal.token('s', 0), journal.token('s', 1), journal.token('another', 0)]
    expect(new Set(tokens).size).toBe(3)
    journal.close()
    expect((await openedJournal(folder)).journal.token('s', 0)).toBe(tokens[0])
    expect((await openedJournal(scratchFolder())).journal.token('s', 0)).not.toBe(tokens[0])
  })

  it('that was used once is no failure, and a wrong one is one that changes nothing [B11]', async () => {
    const {journal} = await openedJournal(scratchFolder())
    journal.append('s', [eventOf('a'), eventOf('b')])
    const [first, second] = [journal.token('s', 0), journal.token('s', 1)]
    journal.acknowledge('s', second)
    journal.acknowledge('s', second)
    journal.acknowledge('s', first)
    expect(journal.acknowledged('s')).toBe(1)
    journal.append('s', [eventOf('c')])
    const wrong = [
      ...['', '3', '3.', 'nonsense', `3.${second.slice(2)}`, `${second}x`],
      ...[journal.token('another', 2), journal.token('s', 3)]
    ]
    for (const token of wrong)
      expect(() => journal.acknowledge('s', token), token).toThrow(expect.objectContaining({code: 'USAGE'}))
    expect(seqs(journal)).toEqual([2])
  })
})

describe('Ended tasks', {timeout: 60_000}, () => {
  it('are kept until their end was delivered, and the newest thousand after that', async () => {
    const {journal} = await openedJournal(scratchFolder())
    const ids = endedIn(journal, 1010)
    const known = (): number => journal.tasks({which: 'all'}).length
    expect(known()).toBe(1010)
    journal.acknowledge('s', journal.token('s', 3))
    expect(known()).toBe(1006)
    expect(journal.task(ids[3] ?? '')).toBeUndefined()
    expect(journal.task(ids[4] ?? '')?.state).toBe('completed')
    journal.acknowledge('s', journal.token('s', 1009))
    expect(known()).toBe(1000)
    expect(journal.task(ids[10] ?? '')?.state).toBe('completed')
  })
})

describe('What is asked for often', () => {
  it.each([
    [
      `SELECT * FROM tasks WHERE session = 's' AND state = 'waiting' AND (earliestBegin IS NULL OR earliestBegin <= 5)
      ORDER BY priority DESC, sequence LIMIT 6`,
      'startable'
    ],
    [
      `SELECT min(earliestBegin) FROM tasks
      WHERE state = 'waiting' AND earliestBegin IS NOT NULL AND earliestBegin > 5`,
      'beginnings'
    ],
    ['SELECT session, state, count(*) FROM tasks GROUP BY session, state', 'states']
  ])('is found by an index: %s', async (sql, index) => {
    const folder = scratchFolder()
    ;(await openedJournal(folder)).journal.close()
    const database = new DatabaseSync(join(folder, 'journal.sqlite'))
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    database.close()
    const details = plan.map(({detail}) => String(detail)).join('; ')
    expect(details).toContain(index)
    expect(details).not.toContain('TEMP B-TREE')
  })
})
