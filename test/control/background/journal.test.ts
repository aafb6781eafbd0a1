import {DatabaseSync} from 'node:sqlite'
import {cpSync, existsSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {StartableLook} from '../../../src/control/background/journal.ts'
import {openJournalReader} from '../../../src/control/background/journal/read-journal.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, eventOf, openedJournal, snapshot, submitTo} from './journal-stage.ts'
import type {TaskFacts} from './journal-stage.ts'

async function journalWith(...facts: readonly TaskFacts[]) {
  const folder = join(scratchFolder(), 'background')
  const {journal} = await openedJournal(folder)
  const tasks = facts.map(downloadTask)
  if (tasks.length > 0) submitTo(journal, {session: 's', snapshot, tasks})
  return {journal, folder, tasks, ids: tasks.map(({id}) => id)}
}

const at = (now: number, limit = 6) => ({now, limit})

describe('A submission', () => {
  it('is on disk when it has returned, with what is told of it [B3]', async () => {
    const {journal, folder} = await journalWith()
    const task = downloadTask({label: 'large', priority: 0.75, earliestBegin: 12})
    submitTo(journal, {session: 's', snapshot, tasks: [task]}, [eventOf('task.created', task.id)])
    const copy = scratchFolder()
    cpSync(folder, copy, {recursive: true})
    const {journal: again, reports} = await openedJournal(copy)
    expect(again.task(task.id)).toMatchObject({submitted: task, session: 's', state: 'waiting', attempts: 0})
    expect(again.events('s', {after: -1, limit: 9})).toMatchObject([{seq: 0, event: 'task.created'}])
    expect(reports).toEqual([])
  })

  it('is taken whole or not at all', async () => {
    const {journal, ids} = await journalWith({})
    const tasks = [downloadTask(), downloadTask({id: ids[0] ?? ''})]
    const submit = (): void => submitTo(journal, {session: 's', snapshot, tasks}, [eventOf('task.created')])
    expect(submit).toThrow(expect.objectContaining({code: 'USAGE'}))
    expect(journal.tasks({which: 'all'})).toHaveLength(1)
    expect(journal.events('s', {after: -1, limit: 9})).toEqual([])
  })

  it('has the configuration it was made with, which those with the same one share [B16]', async () => {
    const {journal} = await journalWith({}, {})
    const other = {...snapshot, environment: {LANG: 'C'}}
    submitTo(journal, {session: 's', snapshot: other, tasks: [downloadTask()]})
    submitTo(journal, {session: 's', snapshot: {...snapshot}, tasks: [downloadTask()]})
    const keys = journal.tasks({which: 'all'}).map(task => task.snapshot)
    expect(new Set(keys).size).toBe(2)
    expect(keys[3]).toBe(keys[0])
    expect(journal.snapshot(keys[0] ?? '')).toEqual(JSON.parse(JSON.stringify(snapshot)))
    expect(journal.snapshot(keys[2] ?? '').environment).toEqual({LANG: 'C'})
  })

  it('is refused while its session is being invalidated, and taken again after that [B12]', async () => {
    const {journal, ids} = await journalWith({})
    journal.invalidate('s')
    const submit = (session: string): void => submitTo(journal, {session, snapshot, tasks: [downloadTask()]})
    expect(() => submit('s')).toThrow(expect.objectContaining({code: 'BUSY'}))
    submit('another')
    const told = [eventOf('session.invalidated')]
    expect(() => journal.endInvalidation('s', told)).toThrow(expect.objectContaining({code: 'BUSY'}))
    journal.change(ids[0] ?? '', {state: 'completed'})
    expect(journal.sessions().map(({state}) => state)).toEqual(['valid', 'invalidating'])
    journal.endInvalidation('s', told)
    submit('s')
    expect(journal.events('s', {after: -1, limit: 9})).toMatchObject([{event: 'session.invalidated', seq: 0}])
  })
})

describe('The tasks of a journal', () => {
  it('start by priority, then in the order of submission, and not before their time [P25]', async () => {
    const {journal, ids} = await journalWith(
      {priority: 0.25},
      {priority: 0.75, earliestBegin: 1000},
      {},
      {},
      {priority: 1, earliestBegin: 2000}
    )
    submitTo(journal, {session: 'another', snapshot, tasks: [downloadTask({priority: 1})]})
    const startable = (now: number, limit?: number): number[] =>
      journal.startable('s', at(now, limit)).map(({submitted}) => ids.indexOf(submitted.id))
    expect(startable(999)).toEqual([2, 3, 0])
    expect(startable(1000)).toEqual([1, 2, 3, 0])
    expect(startable(3000, 2)).toEqual([4, 1])
    expect([999, 1000, 2000].map(now => journal.nextBegin(now))).toEqual([1000, 2000, undefined])
    journal.change(ids[4] ?? '', {state: 'held'})
    expect(startable(3000, 2)).toEqual([1, 2])
    expect(journal.nextBegin(1000)).toBeUndefined()
  })

  it('that cannot start now are passed by, but such as were never started and are late', async () => {
    const {journal, ids} = await journalWith({}, {}, {}, {})
    const [first = '', begun = ''] = ids
    const key = journal.task(first)?.snapshot ?? ''
    const created = Math.max(...ids.map(id => journal.task(id)?.created ?? 0))
    journal.change(begun, {attempts: 1})
    const found = (look: Partial<StartableLook>): number[] =>
      journal
        .startable('s', {now: created, limit: 9, ...look})
        .map(({submitted}) => ids.indexOf(submitted.id))
    expect(found({skip: 1, limit: 2})).toEqual([1, 2])
    expect(found({closed: [{snapshot: key, since: 0}]})).toEqual([])
    expect(found({closed: [{snapshot: key, since: created}]})).toEqual([0, 2, 3])
    expect(found({closed: [{snapshot: `${key}0`, since: 0}]})).toEqual([0, 1, 2, 3])
    expect(journal.firstUnstarted(key)).toBe(journal.task(first)?.created)
    for (const id of ids) journal.change(id, {attempts: 1})
    expect(journal.firstUnstarted(key)).toBeUndefined()
  })

  it('are pending as long as one waits or runs; what is held is not', async () => {
    const {journal, ids} = await journalWith({}, {})
    const pending = (): boolean[] => ['s', 'another', undefined].map(session => journal.isPending(session))
    const [first = '', second = ''] = ids
    journal.change(first, {state: 'running'})
    journal.change(second, {state: 'held'})
    expect(pending()).toEqual([true, false, true])
    journal.change(first, {state: 'failed', resumeData: '/tmp/file.ferry'})
    expect(pending()).toEqual([false, false, false])
    expect(journal.standings({which: 'continuable'}).map(({id}) => id)).toEqual([first])
  })

  it('are changed and told of at once, until they have ended', async () => {
    const {journal, folder, ids} = await journalWith({}, {})
    const [id = '', other = ''] = ids
    expect(journal.change(id, {state: 'running', attempts: 1, spent: 12.5})).toBe(true)
    const end = {state: 'completed', exitCode: 0, ended: Date.now()} as const
    expect(journal.change(id, end, [eventOf('task.completed', id)])).toBe(true)
    expect(journal.change(id, {state: 'cancelled'}, [eventOf('task.completed', id)])).toBe(false)
    expect(journal.change('unknown', {state: 'held'}, [eventOf('task.completed', id)])).toBe(false)
    expect(journal.events('s', {after: -1, limit: 9})).toHaveLength(1)
    const placing = {path: '/tmp/file', device: 1, inode: 2 ** 52, size: 3}
    journal.change(other, {placing, resumeData: '/tmp/file.ferry'})
    journal.close()
    const again = (await openedJournal(folder)).journal
    expect(again.task(id)).toMatchObject({...end, attempts: 1, spent: 12.5})
    expect(again.task(other)).toMatchObject({state: 'waiting', placing, ended: null})
  })

  it('that have ended may lose their resume data, and nothing else', async () => {
    const {journal, ids} = await journalWith({})
    const [id = ''] = ids
    journal.change(id, {state: 'paused', resumeData: '/tmp/a'})
    expect(journal.tasks({which: 'resumable'})).toHaveLength(1)
    expect(journal.change(id, {resumeData: null})).toBe(true)
    expect(journal.task(id)).toMatchObject({state: 'paused', resumeData: null, ended: expect.any(Number)})
    expect(journal.tasks({which: 'resumable'})).toEqual([])
  })

  it('are listed and counted by what they are, of all sessions or one', async () => {
    const {journal, ids} = await journalWith({}, {}, {}, {})
    submitTo(journal, {session: 'another', snapshot, tasks: [downloadTask()]})
    for (const [index, state] of (['running', 'held', 'failed'] as const).entries())
      journal.change(ids[index] ?? '', {state})
    const listed = (which: 'unfinished' | 'all', session?: string): number =>
      journal.tasks({which, ...(session === undefined ? {} : {session})}).length
    expect([listed('unfinished'), listed('all'), listed('all', 's'), listed('unfinished', 's')]).toEqual([
      4, 5, 4, 3
    ])
    expect(journal.counts()).toEqual({
      ...{waiting: 2, running: 1, held: 1, failed: 1},
      ...{paused: 0, completed: 0, cancelled: 0}
    })
    expect(journal.sessions()).toMatchObject([
      {identifier: 'another', state: 'valid', tasks: {waiting: 1}, undelivered: 0},
      {identifier: 's', state: 'valid', tasks: {waiting: 1, failed: 1}, undelivered: 0}
    ])
  })

  it('never get a number that another one had, whatever was forgotten', async () => {
    const {journal, folder, ids} = await journalWith({}, {})
    const last = journal.task(ids[1] ?? '')?.sequence ?? 0
    journal.close()
    const database = new DatabaseSync(join(folder, 'journal.sqlite'))
    database.exec('DELETE FROM tasks')
    database.close()
    const again = (await openedJournal(folder)).journal
    expect(again.tasks({which: 'all'})).toEqual([])
    const task = downloadTask()
    submitTo(again, {session: 's', snapshot, tasks: [task]})
    expect(again.task(task.id)?.sequence).toBeGreaterThan(last)
  })
})

describe('Batches of ended tasks', () => {
  it('are handed out once, each with the command that wants to hear of them [B14]', async () => {
    const {journal, folder} = await journalWith({})
    const commands = ['./one', './other'].map(onComplete => ({
      ...snapshot,
      onComplete,
      environment: {A: onComplete}
    }))
    const tasks = [downloadTask(), downloadTask(), downloadTask()]
    submitTo(journal, {session: 's', snapshot: commands[0] ?? snapshot, tasks: tasks.slice(0, 2)})
    submitTo(journal, {session: 's', snapshot: commands[1] ?? snapshot, tasks: tasks.slice(2)})
    for (const {id} of tasks) journal.change(id, {state: 'completed'})
    journal.close()
    const again = (await openedJournal(folder)).journal
    expect(again.takeBatches('another')).toEqual([])
    const batches = again.takeBatches('s')
    expect(batches.map(({onComplete, environment}) => [onComplete, environment])).toEqual([
      ['./one', {A: './one'}],
      ['./other', {A: './other'}]
    ])
    expect(batches.map(batch => batch.tasks.map(({submitted}) => submitted.id))).toEqual([
      tasks.slice(0, 2).map(({id}) => id),
      tasks.slice(2).map(({id}) => id)
    ])
    again.close()
    expect((await openedJournal(folder)).journal.takeBatches('s')).toEqual([])
  })
})

describe('The file of a journal', () => {
  it('is for its user alone, and so is its folder [B16]', async () => {
    const {folder} = await journalWith({})
    const modes = readdirSync(folder).map(name => statSync(join(folder, name)).mode & 0o777)
    expect(modes.length).toBeGreaterThan(1)
    expect(new Set(modes)).toEqual(new Set([0o600]))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('can be looked into by others while nobody writes it, and nothing is changed by that', async () => {
    const {journal, folder, ids} = await journalWith({}, {})
    journal.change(ids[0] ?? '', {state: 'completed'})
    const list = journal.tasks({which: 'all'})
    const killed = scratchFolder()
    cpSync(folder, killed, {recursive: true})
    journal.close()
    for (const place of [folder, killed]) {
      const reader = await openJournalReader(place)
      expect(reader?.tasks({which: 'all'})).toEqual(list)
      expect(reader?.task(ids[1] ?? '')?.state).toBe('waiting')
      expect(reader?.counts()).toMatchObject({completed: 1, waiting: 1})
      expect(reader?.sessions()).toHaveLength(1)
      reader?.close()
    }
    expect(readdirSync(folder)).toEqual(['journal.sqlite'])
    const nowhere = join(scratchFolder(), 'none')
    expect(await openJournalReader(nowhere)).toBeUndefined()
    expect(existsSync(nowhere)).toBe(false)
  })
})
