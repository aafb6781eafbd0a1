import {afterEach, beforeEach, expect, it, vi} from 'vitest'
import {TransferError} from '../../src/engine/index.ts'
import type {IndexEntry} from '../../src/control/index-entry.ts'
import {thisProcess} from '../../src/control/process-identity.ts'
import {TaskJournal} from '../../src/control/task-journal.ts'
import {FakeTask, fakeRecords} from './fake-tasks.ts'

let written: string[]
let ended: IndexEntry[]
let reported: unknown[]
let journal: TaskJournal<FakeTask>
let task: FakeTask

beforeEach(() => {
  vi.useFakeTimers()
  written = []
  ended = []
  reported = []
  journal = new TaskJournal<FakeTask>({
    index: {
      write: async ({record}) => void written.push(`${record.id} ${record.state} ${record.bytes}`),
      remove: async id => void written.push(`${id} removed`),
      keepEnded: async entries => void ended.push(...entries)
    },
    records: fakeRecords,
    owner: thisProcess(),
    report: error => reported.push(error)
  })
  task = new FakeTask('t1')
  journal.follow(task)
})
afterEach(() => vi.useRealTimers())

it('writes nothing of a quick success', async () => {
  journal.noteResumeData(task, '/d/F.ferry')
  journal.noteResumeData(task, undefined)
  task.end({state: 'completed'})
  await vi.advanceTimersByTimeAsync(1000)
  await journal.close('unsuccessful')
  expect(written).toEqual([])
  expect(ended).toEqual([])
})

it('remembers a transfer that lasts, and forgets it when it is complete', async () => {
  journal.noteResumeData(task, '/d/F.ferry')
  await vi.advanceTimersByTimeAsync(100)
  expect(written).toEqual(['t1 running 10'])
  task.end({state: 'completed'})
  await journal.close('all')
  expect(written.slice(1)).toEqual(['t1 removed'])
  expect(ended).toMatchObject([{record: {id: 't1', state: 'completed'}, exitCode: 0}])
})

it.each(['paused', 'failed'] as const)(
  'writes at once, however quick, that a task has %s resumably',
  async state => {
    const error = new TransferError('TRANSFER_TRUNCATED', 'Cut')
    task.end({state, resumeData: '/d/F.ferry', ...(state === 'failed' && {error})})
    await task.outcome
    await journal.settled()
    expect(written).toEqual([`t1 ${state} 10`])
    await journal.close('all')
    expect(ended).toEqual([])
  }
)

it('keeps how a task failed that cannot be resumed, even a quick one', async () => {
  task.end({state: 'failed', error: new TransferError('HTTP_STATUS', '404')})
  await journal.close('unsuccessful')
  expect(written).toEqual([])
  expect(ended).toMatchObject([{record: {id: 't1', state: 'failed'}, exitCode: 18}])
})

it('takes no late word of a task that has ended', async () => {
  task.end({state: 'cancelled'})
  journal.noteResumeData(task, '/d/F.ferry')
  await journal.close('all')
  expect(written).toEqual([])
})

it('reports an index that cannot be written, and goes on', async () => {
  const full = new Error('no space')
  journal = new TaskJournal<FakeTask>({
    index: {write: () => Promise.reject(full), remove: async () => {}, keepEnded: () => Promise.reject(full)},
    records: fakeRecords,
    owner: thisProcess(),
    report: error => reported.push(error)
  })
  journal.follow(task)
  task.end({state: 'paused', resumeData: '/d/F.ferry'})
  await task.outcome
  await journal.close('all')
  expect(reported).toEqual([full, full])
})
