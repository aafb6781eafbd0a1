import {describe, expect, it} from 'vitest'
import type {StoredDownloadOptions, SubmittedTask} from '../../../src/control/background/submission.ts'
import {canary} from '../../canary/canary.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {bytesIn, downloadTask, openedJournal, snapshot} from './journal-stage.ts'

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

const remaining = (folder: string, secrets: readonly string[]): string[] => {
  const bytes = bytesIn(folder)
  return secrets.filter(secret => bytes.includes(secret))
}

describe('The secrets of a task', {timeout: 60_000}, () => {
  it('are kept by value while it is unfinished, and out of the files when it has ended [B16]', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const [first, second] = [secretive(), secretive()]
    journal.submit({session: 's', snapshot, tasks: [first.task, second.task]})
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

  it('leave nothing behind where rows were moved about, whatever ends before the others', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const all = Array.from({length: 300}, (_, index) => {
      const {task, secrets} = secretive()
      return {task: {...task, label: 'l'.repeat(index)}, secrets}
    })
    for (let from = 0; from < all.length; from += 50)
      journal.submit({session: 's', snapshot, tasks: all.slice(from, from + 50).map(({task}) => task)})
    const mixed = all.toSorted(() => Math.random() - 0.5)
    const [early, late] = [mixed.slice(0, 200), mixed.slice(200)]
    for (const {task} of early) journal.change(task.id, {state: 'completed'})
    expect(
      remaining(
        folder,
        early.flatMap(({secrets}) => secrets)
      )
    ).toEqual([])
    for (const {task} of late) expect(journal.task(task.id)?.submitted).toEqual(task)
    for (const {task} of late) journal.change(task.id, {state: 'completed'})
    expect(
      remaining(
        folder,
        late.flatMap(({secrets}) => secrets)
      )
    ).toEqual([])
  })

  it('of a submission that was refused are not kept', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const {task, secrets} = secretive()
    const submit = (): void => journal.submit({session: 's', snapshot, tasks: [task, task]})
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
    journal.submit({session: 's', snapshot: secret, tasks: tasks.slice(0, 1)})
    journal.submit({session: 's', snapshot: secret, tasks: tasks.slice(1)})
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

  it('are never found under a key that another one had', async () => {
    const folder = scratchFolder()
    const {journal} = await openedJournal(folder)
    const keys = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const task = downloadTask()
      journal.submit({session: 's', snapshot: {...snapshot, environment: {ROUND: `${round}`}}, tasks: [task]})
      keys.add(journal.task(task.id)?.snapshot ?? '')
      journal.change(task.id, {state: 'completed'})
    }
    expect(keys.size).toBe(3)
  })
})
