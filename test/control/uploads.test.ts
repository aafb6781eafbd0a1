import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {taskTable} from '../../src/commands/transfer/task-table.ts'
import {thisProcess} from '../../src/control/process-identity.ts'
import {writeResumeData} from '../../src/engine/resume-data.ts'
import {FakeTask, fakeRecords} from './fake-tasks.ts'
import {newStage} from './stage.ts'
import type {Stage} from './stage.ts'
import {uploadResumeData} from './upload-resume-data.ts'

let stage: Stage
beforeEach(async () => {
  stage = await newStage()
})
afterEach(() => stage.clear())

it('an upload offers to be paused only while it could be continued', async () => {
  await stage.open(new FakeTask('t1', 'upload'), new FakeTask('t2', 'resumableUpload'))
  expect((await stage.client.tasks()).tasks).toMatchObject([
    {id: 't1', kind: 'upload', source: '/photos/garden.raw', actions: ['cancel']},
    {id: 't2', kind: 'upload', actions: ['pause', 'cancel']}
  ])
})

it.each([
  ['/photos/garden.raw', 'the server has not offered to continue this upload'],
  ['-', 'of uploads, only those of files can'],
  [null, 'of uploads, only those of files can']
])(
  'an upload of %s that could not be continued is not paused, is told why, and goes on',
  async (source, why) => {
    const task = new FakeTask('t1', 'upload')
    task.source = source
    await stage.open(task)
    await expect(stage.client.pause('t1')).rejects.toMatchObject({
      code: 'NOT_RESUMABLE',
      message: `Task t1 cannot be resumed later: ${why}`,
      hint: expect.stringMatching(/^It goes on\./) as string
    })
    expect(task.hasEnded).toBe(false)
    await expect(stage.client.pause('t1', 'cancel')).resolves.toMatchObject({state: 'cancelled'})
  }
)

it('an upload whose process was killed is listed by the name of its file, with what is known to have arrived', async () => {
  const record = {...fakeRecords.record(new FakeTask('task01', 'resumableUpload'), undefined), bytes: 90}
  const resumeData = join(stage.home, 'task01.ferry')
  await writeResumeData(resumeData, uploadResumeData('task01'), {key: undefined, flush: 'none'})
  await stage.index.write({
    version: 1,
    record: {...record, resumeData},
    exitCode: null,
    label: null,
    created: 1,
    ended: null,
    owner: {...thisProcess(), pid: 2 ** 30}
  })
  const {tasks} = await stage.client.tasks()
  expect(tasks).toMatchObject([
    {id: 'task01', state: 'failed', bytes: 60, total: 100, actions: ['resume', 'cancel']}
  ])
  expect(taskTable(tasks)[1]).toBe('task01  failed  60%   100 B  garden.raw  ferry resume task01')
})

it('an upload that has failed and left nothing is begun anew with upload, not with get', async () => {
  const record = {
    ...fakeRecords.record(new FakeTask('t1', 'upload'), {state: 'failed'}),
    state: 'failed' as const
  }
  const owner = thisProcess()
  const entry = {version: 1 as const, record, exitCode: 22, label: null, created: 1, ended: 2, owner}
  await stage.index.keepEnded([entry])
  await expect(stage.client.pause('t1')).rejects.toMatchObject({hint: 'Start it anew with: ferry upload'})
})

it('standard input is named as what it is', async () => {
  const task = new FakeTask('t1', 'upload')
  task.source = '-'
  await stage.open(task)
  expect(taskTable((await stage.client.tasks()).tasks)[1]).toMatch(/ standard input {2}ferry cancel t1$/)
})
