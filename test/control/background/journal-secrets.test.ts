import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, it, vi} from 'vitest'
import type {StoredDownloadOptions, SubmittedTask} from '../../../src/control/background/submission.ts'
import {canary} from '../../canary/canary.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {bytesIn, downloadTask, openedJournal, snapshot, submitTo} from './journal-stage.ts'

interface Secretive {
  readonly task: SubmittedTask
  readonly secrets: readonly string[]
}

/** A task with a secret at every place where one can be. */
function secretive(): Secretive {
  const names = ['user', 'password', 'query', 'header', 'token'] as const
  const made = names.map((name): [(typeof names)[number], string] => [name, canary(name)])
  const {user, password, query, header, token} = Object.fromEntries(made) as Record<
    (typeof names)[number],
    string
  >
  const options: StoredDownloadOptions = {
    directory: '/tmp',
    fileName: 'file',
    authentication: {credential: {kind: 'bearer', token}, methods: 'preemptive'}
  }
  const task = downloadTask()
  return {
    task: {
      ...task,
      work: {
        kind: 'download',
        request: {
          url: `http://${user}:${password}@127.0.0.1/file?signature=${query}`,
          method: 'GET',
          headers: [['Authorization', `Bearer ${header}`]]
        },
        options
      }
    },
    secrets: [user, password, query, header, token]
  }
}

/** A task with a secret in a header, again and again up to that length. */
function headed(secret: string, length: number): {readonly task: SubmittedTask; readonly secret: string} {
  return {
    secret,
    task: downloadTask({request: {headers: [['X-Key', `${secret} `.padEnd(length, `${secret} `)]]}})
  }
}

/** Pages of the file that can be used again. */
function spaceIn(folder: string): number {
  const database = new DatabaseSync(join(folder, 'journal.sqlite'), {readOnly: true})
  const {freelist_count: pages} = database.prepare('PRAGMA freelist_count').get() ?? {}
  database.close()
  return Number(pages)
}

const remaining = (folder: string, secrets: readonly string[]): string[] => {
  const bytes = bytesIn(folder)
  return secrets.filter(secret => bytes.includes(secret))
}

describe('The secrets of a task', {timeout: 60_000}, () => {
  it('are kept by value while it is unfinished, and out of the files when it has ended [B16]', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const [first, second] = [secretive(), secretive()]
    submitTo(journal, {session: 's', snapshot, tasks: [first.task, second.task]})
    expect(remaining(folder, first.secrets)).toEqual(first.secrets)
    journal.change(first.task.id, {state: 'running'})
    expect(journal.task(first.task.id)?.submitted).toEqual(first.task)
    journal.change(first.task.id, {state: 'failed', resumeData: '/tmp/file.ferry'})
    expect(remaining(folder, first.secrets)).toEqual([])
    expect(journal.task(first.task.id)?.submitted.work).toEqual({
      kind: 'download',
      request: {url: 'http://127.0.0.1/file', method: 'GET', headers: []},
      options: {directory: '/tmp', fileName: 'file'}
    })
    expect(journal.task(second.task.id)?.submitted).toEqual(second.task)
    journal.change(second.task.id, {state: 'cancelled'})
    expect(remaining(folder, second.secrets)).toEqual([])
  })

  // Sizes and orders with which SQLite, left alone, leaves some behind.
  it.each([
    {spread: 100, every: 3},
    {spread: 100, every: 4},
    {spread: 150, every: 3},
    {spread: 200, every: 4},
    {spread: 200, every: 5}
  ])('leave nothing where rows are moved about: $spread, $every', async ({spread, every}) => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const all = Array.from({length: 300}, (_, index) =>
      headed(canary('header'), 60 + ((index * 997) % spread))
    )
    submitTo(journal, {session: 's', snapshot, tasks: all.map(({task}) => task)})
    const late = all.filter((_, index) => index % every === 0)
    const order = [...all.filter(each => !late.includes(each)), ...late]
    for (const [index, {task}] of order.entries()) {
      journal.change(task.id, {state: 'completed'})
      const found = new Set(bytesIn(folder).match(/canary-header-[0-9a-f]+/g))
      expect(order.filter(({secret}) => found.has(secret))).toEqual(order.slice(index + 1))
    }
  })

  it('that have gone make room, and what is left is where it was', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const [kept, ...gone] = Array.from({length: 1101}, () => headed(canary('header'), 300))
    if (!kept) throw new Error('There is one')
    submitTo(journal, {session: 's', snapshot, tasks: [kept.task, ...gone.map(({task}) => task)]})
    for (const {task} of gone) journal.change(task.id, {state: 'completed'})
    journal.close()
    const again = (await openedJournal(folder)).journal
    expect(again.task(kept.task.id)?.submitted).toEqual(kept.task)
    const next = downloadTask()
    submitTo(again, {session: 's', snapshot: {...snapshot, environment: {A: 'b'}}, tasks: [next]})
    // Nothing that is new is found under a key that was given out before: the snapshot's, and one for each task.
    expect(Number(again.task(next.id)?.snapshot)).toBeGreaterThan(1101)
    expect(again.snapshot(again.task(kept.task.id)?.snapshot ?? '').environment).toEqual({})
    expect(spaceIn(folder)).toBeGreaterThan(100)
    for (const {task} of [kept, {task: next}]) again.change(task.id, {state: 'completed'})
    expect(remaining(folder, [kept.secret])).toEqual([])
  })

  it('of a submission that was refused are not kept', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const {task, secrets} = secretive()
    const submit = (): void => submitTo(journal, {session: 's', snapshot, tasks: [task, task]})
    expect(submit).toThrow(expect.objectContaining({code: 'USAGE'}))
    journal.close()
    expect(remaining(folder, secrets)).toEqual([])
  })
})

describe('The secrets of a snapshot', () => {
  it('go with the last unfinished task that has it, those for its command when that was told [B14, B16]', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const [password, variable] = [canary('password'), canary('variable')]
    const keys = {...snapshot.keys, credentials: {...snapshot.keys.credentials, password}}
    const secret = {keys, onComplete: './done', environment: {SECRET: variable}}
    const tasks = [downloadTask(), downloadTask()]
    submitTo(journal, {session: 's', snapshot: secret, tasks: tasks.slice(0, 1)})
    submitTo(journal, {session: 's', snapshot: secret, tasks: tasks.slice(1)})
    const {snapshot: key = ''} = journal.task(tasks[0]?.id ?? '') ?? {}
    journal.change(tasks[0]?.id ?? '', {state: 'completed'})
    expect(journal.snapshot(key).keys.credentials.password).toBe(password)
    journal.change(tasks[1]?.id ?? '', {state: 'held'})
    expect(remaining(folder, [password, variable])).toEqual([password, variable])
    journal.change(tasks[1]?.id ?? '', {state: 'completed'})
    expect(remaining(folder, [password, variable])).toEqual([variable])
    expect(() => journal.snapshot(key)).toThrow(expect.objectContaining({code: 'READ_FAILED'}))
    expect(journal.takeBatches('s')).toMatchObject([{environment: {SECRET: variable}}])
    expect(remaining(folder, [variable])).toEqual([])
  })

  it('go soon after a reader has let the file be cleaned, whether anything else happens or not', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const {task, secret} = headed(canary('header'), 500)
    submitTo(journal, {session: 's', snapshot, tasks: [task]})
    const reader = new DatabaseSync(join(folder, 'journal.sqlite'), {readOnly: true})
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM tasks').get()
    journal.change(task.id, {state: 'completed'})
    expect(bytesIn(folder)).toContain(secret)
    reader.close()
    await vi.waitUntil(() => !bytesIn(folder).includes(secret), patience)
  })
})
