import {chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {IndexEntry} from '../../src/control/index-entry.ts'
import {thisProcess} from '../../src/control/process-identity.ts'
import {TaskIndex} from '../../src/control/task-index.ts'
import type {TaskRecord} from '../../src/control/task-record.ts'
import {writeResumeData} from '../../src/engine/resume-data.ts'
import {resumeData} from './resume-data.ts'
import {FakeTask, fakeRecords} from './fake-tasks.ts'

let folder: string
let index: TaskIndex
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferry-index-'))
  index = new TaskIndex({stateFolder: folder, exitCode: fakeRecords.exitCode})
})
afterEach(() => rm(folder, {recursive: true, force: true}))

const dead = {...thisProcess(), pid: 2 ** 30}
let clock = 1

async function resumeDataOf(id: string): Promise<string> {
  const path = join(folder, `${id}.ferry`)
  await writeResumeData(path, resumeData(id), {key: undefined, flush: 'none'})
  return path
}

function entry(record: Partial<TaskRecord> & {id: string}, changes: Partial<IndexEntry> = {}): IndexEntry {
  const whole = {...fakeRecords.record(new FakeTask(record.id), undefined), ...record}
  const [created, owner] = [clock++, thisProcess()]
  return {version: 1, record: whole, exitCode: null, label: null, created, ended: null, owner, ...changes}
}

async function pausedEntry(id: string): Promise<IndexEntry> {
  return entry({id, state: 'paused', resumeData: await resumeDataOf(id)}, {exitCode: 114, ended: Date.now()})
}

const completed = (id: string): IndexEntry =>
  entry({id, state: 'completed', resumeData: null}, {exitCode: 0, ended: Date.now()})

async function listed(which: 'resumable' | 'all' = 'resumable') {
  return (await index.list(which)).tasks.map(task => task.listed)
}

describe('the tasks that can be resumed', () => {
  it('keeps a task in a file for its user alone, and forgets it when told to', async () => {
    await index.write(await pausedEntry('task01'))
    expect((await stat(join(folder, 'tasks', 'task01.json'))).mode & 0o777).toBe(0o600)
    expect(await listed()).toMatchObject([
      {id: 'task01', state: 'paused', pid: null, actions: ['resume', 'cancel']}
    ])
    await index.remove('task01')
    await index.remove('task01')
    expect(await listed()).toEqual([])
  })

  it('shows a running task with its process; when that is dead, as failed and resumable', async () => {
    await index.write(entry({id: 'task01', resumeData: await resumeDataOf('task01')}))
    await index.write(entry({id: 'task02', resumeData: await resumeDataOf('task02')}, {owner: dead}))
    expect((await index.list()).tasks).toMatchObject([
      {
        listed: {id: 'task01', state: 'running', pid: process.pid, actions: ['pause', 'cancel']},
        exitCode: null
      },
      {
        // The bytes of the last checkpoint, as the resume data has them.
        listed: {id: 'task02', state: 'failed', pid: null, bytes: 77, actions: ['resume', 'cancel']},
        exitCode: 18
      }
    ])
  })

  it('leaves the state of a task on another machine open, but lets it be resumed', async () => {
    const owner = {...dead, host: 'elsewhere'}
    await index.write(entry({id: 'task01', resumeData: await resumeDataOf('task01')}, {owner}))
    expect(await listed()).toMatchObject([{state: 'running', pid: null, actions: ['resume']}])
  })

  it('shows no task whose resume data is gone, except among all', async () => {
    const gone = await pausedEntry('task01')
    await index.write(gone)
    await rm(gone.record.resumeData ?? '')
    expect(await listed()).toEqual([])
    expect(await listed('all')).toMatchObject([
      {id: 'task01', state: 'paused', resumeData: null, actions: []}
    ])
  })

  it('still shows a task whose resume data is damaged: resuming it says what is wrong', async () => {
    const paused = await pausedEntry('task01')
    await index.write(paused)
    await writeFile(paused.record.resumeData ?? '', '{')
    expect(await listed()).toMatchObject([{id: 'task01', bytes: 10, actions: ['resume', 'cancel']}])
  })

  it('gives resume data that a newer task took over to that one only', async () => {
    const old = await pausedEntry('task01')
    await index.write(old)
    const path = old.record.resumeData ?? ''
    await writeResumeData(path, resumeData('task02'), {key: undefined, flush: 'none'})
    await index.write(entry({id: 'task02', state: 'paused', resumeData: path}, {exitCode: 114, ended: 1}))
    expect(await listed()).toMatchObject([{id: 'task02'}])
    expect((await index.find('task01'))?.listed).toMatchObject({actions: [], resumeData: null})
  })

  it.each([
    ['half a file', '{"version":1,"rec'],
    ['a newer version', '{"version":2}'],
    ['somebody else’s id', 'ENTRY']
  ])('reports %s as unreadable, leaves it alone and shows the others', async (_, content) => {
    await index.write(await pausedEntry('task01'))
    const path = join(folder, 'tasks', 'bad.json')
    const text = content === 'ENTRY' ? await readFile(join(folder, 'tasks', 'task01.json'), 'utf8') : content
    await writeFile(path, text)
    const {tasks, unreadable} = await index.list()
    expect(tasks).toHaveLength(1)
    expect(unreadable).toEqual([path])
    await expect(readFile(path, 'utf8')).resolves.toBe(text)
  })

  it('removes what a killed writer left, but not what may still be written', async () => {
    await index.write(await pausedEntry('task01'))
    const [old, young] = [
      join(folder, 'tasks', 'task01.json.a.tmp'),
      join(folder, 'tasks', 'task01.json.b.tmp')
    ]
    await writeFile(old, '')
    await writeFile(young, '')
    await utimes(old, 1, 1)
    await index.list()
    expect((await readdir(join(folder, 'tasks'))).toSorted()).toEqual(['task01.json', 'task01.json.b.tmp'])
  })

  it('refuses to be read or written where others could write', async () => {
    await mkdir(join(folder, 'tasks'))
    await chmod(join(folder, 'tasks'), 0o777)
    await expect(index.list()).rejects.toMatchObject({code: 'REFUSED'})
    await expect(index.write(await pausedEntry('task01'))).rejects.toMatchObject({code: 'REFUSED'})
  })
})

describe('finding', () => {
  it('takes a unique beginning for the id, the exact id before a longer one, and names the ambiguous ones', async () => {
    for (const id of ['abc', 'abcd', 'xyz']) await index.write(await pausedEntry(id))
    await expect(index.find('x')).resolves.toMatchObject({listed: {id: 'xyz'}})
    await expect(index.find('abc')).resolves.toMatchObject({listed: {id: 'abc'}})
    await expect(index.find('ab')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('abc, abcd')
    })
    await expect(index.find('q')).resolves.toBeUndefined()
    await expect(index.find('')).resolves.toBeUndefined()
  })

  it('never makes a path out of what is no id', async () => {
    await expect(index.remove('../control')).rejects.toMatchObject({code: 'USAGE'})
    await expect(index.find('../control')).resolves.toBeUndefined()
  })
})

describe('the ended tasks', () => {
  it('are kept for all to see, but not among the resumable ones', async () => {
    await index.keepEnded([completed('task01')])
    expect(await listed()).toEqual([])
    expect(await listed('all')).toMatchObject([{id: 'task01', state: 'completed', pid: null, actions: []}])
    await expect(index.find('task01')).resolves.toMatchObject({exitCode: 0})
  })

  it('make room for newer ones: 200 stay, over all processes', async () => {
    for (let process = 0; process < 5; process++) {
      await index.keepEnded(Array.from({length: 60}, (_, n) => completed(`p${process}-${n}`)))
      // The files' names go by the millisecond.
      await sleep(2)
    }
    const ids = (await listed('all')).map(({id}) => id)
    expect(ids).toHaveLength(200)
    expect(ids.at(-1)).toBe('p4-59')
    expect(ids).not.toContain('p0-0')
    expect(await readdir(join(folder, 'ended'))).toHaveLength(4)
  })
})

describe('cancelling', () => {
  it('discards the resume data with the function given, and keeps that the task was cancelled', async () => {
    const paused = await pausedEntry('task01')
    await index.write(paused)
    const discarded: string[] = []
    const ended = await index.cancel('task01', async path => void discarded.push(path))
    expect(ended).toMatchObject({exitCode: 115, record: {state: 'cancelled', resumeData: null}})
    expect(discarded).toEqual([paused.record.resumeData])
    expect(await listed('all')).toMatchObject([{id: 'task01', state: 'cancelled', actions: []}])
  })

  it('leaves the task as it was when the resume data cannot be discarded', async () => {
    await index.write(await pausedEntry('task01'))
    const busy = () => Promise.reject(new Error('busy'))
    await expect(index.cancel('task01', busy)).rejects.toThrow('busy')
    expect(await listed()).toMatchObject([{id: 'task01', state: 'paused'}])
    await expect(index.cancel('task02', busy)).rejects.toMatchObject({code: 'TASK_UNKNOWN'})
  })
})
