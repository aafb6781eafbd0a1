import {once} from 'node:events'
import {chmod, readdir, stat, writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {newAddress} from '../../src/control/endpoint-address.ts'
import {ensurePrivateFolder} from '../../src/control/places.ts'
import {FakeTask} from './fake-tasks.ts'
import {newStage} from './stage.ts'
import type {Stage} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await newStage()
})
afterEach(() => stage.clear())

const ids = async (which: 'resumable' | 'all' = 'resumable') =>
  (await stage.client.tasks(which)).tasks.map(({id}) => id)

describe('a transfer in another process', () => {
  it('is listed, paused, and then known as paused, with its exit code', async () => {
    const child = await stage.spawn('t1', 'runs')
    const exit = once(child, 'exit')
    const {tasks} = await stage.client.tasks()
    expect(tasks).toMatchObject([{id: 't1', state: 'running', pid: child.pid, actions: ['pause', 'cancel']}])
    await expect(stage.client.pause('t1')).resolves.toMatchObject({state: 'paused'})
    await expect(exit).resolves.toEqual([114, null])
    await expect(stage.client.tasks()).resolves.toMatchObject({
      tasks: [{id: 't1', state: 'paused', pid: null, actions: ['resume', 'cancel']}]
    })
    await expect(stage.client.wait('t1')).resolves.toMatchObject({exitCode: 114})
    await expect(readdir(stage.places.runtime)).resolves.toEqual([])
  })

  it('is paused by ten at once, all of whom succeed', async () => {
    await stage.spawn('t1', 'runs')
    const paused = await Promise.all(Array.from({length: 10}, () => stage.client.pause('t1')))
    for (const record of paused) expect(record.state).toBe('paused')
  })

  it('tells its end to those who wait, before its process exits', async () => {
    await stage.spawn('t1', 'completes')
    const waiting = Array.from({length: 5}, () => stage.client.wait('t'))
    for (const ended of await Promise.all(waiting))
      expect(ended).toMatchObject({exitCode: 0, record: {id: 't1', state: 'completed'}})
    await expect.poll(() => ids()).toEqual([])
    await expect(stage.client.wait('t1')).resolves.toMatchObject({exitCode: 0})
  })

  it('ends for good when cancelled, and leaves nothing to resume', async () => {
    const child = await stage.spawn('t1', 'runs')
    const exit = once(child, 'exit')
    await expect(stage.client.cancel('t1')).resolves.toMatchObject({state: 'cancelled'})
    await expect(exit).resolves.toEqual([115, null])
    await expect(ids()).resolves.toEqual([])
  })

  it('that is killed counts as failed for those who wait, and can be resumed; its socket is removed', async () => {
    const child = await stage.spawn('t1', 'runs')
    const waiting = stage.client.wait('t1')
    await expect.poll(() => ids()).toEqual(['t1'])
    child.kill('SIGKILL')
    await expect(waiting).resolves.toMatchObject({
      exitCode: 18,
      record: {state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}}
    })
    await expect(stage.client.tasks()).resolves.toMatchObject({
      tasks: [{id: 't1', state: 'failed', pid: null, actions: ['resume', 'cancel']}]
    })
    await expect(readdir(stage.places.runtime)).resolves.toEqual([])
  })

  it('that is killed and not in the index is an error for those who wait', async () => {
    const child = await stage.spawn('t1', 'runs')
    await stage.index.remove('t1')
    const waiting = stage.client.wait('t1')
    const refused = expect(waiting).rejects.toMatchObject({code: 'TASK_UNKNOWN'})
    await expect.poll(() => ids()).toEqual(['t1'])
    child.kill('SIGKILL')
    await refused
  })
})

describe('a task that no process runs', () => {
  beforeEach(async () => {
    await stage.spawn('t1', 'runs')
    await stage.client.pause('t1')
    await expect.poll(() => readdir(stage.places.runtime)).toEqual([])
  })

  it('cannot be paused, because it has ended', async () => {
    await expect(stage.client.pause('t1')).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
  })

  it('loses its resume data when cancelled; cancelling again changes nothing', async () => {
    await expect(stage.client.cancel('t1')).resolves.toMatchObject({state: 'cancelled'})
    await expect(stage.client.cancel('t1')).resolves.toMatchObject({state: 'cancelled'})
    expect(stage.discarded).toEqual([join(stage.home, 't1.ferry')])
    await expect(ids()).resolves.toEqual([])
    await expect(ids('all')).resolves.toEqual(['t1'])
  })

  it('is hidden while a running task continues its resume data', async () => {
    const task = new FakeTask('t2')
    task.resumeData = join(stage.home, 't1.ferry')
    await stage.open(task)
    await expect(ids()).resolves.toEqual(['t2'])
  })
})

describe('several processes', () => {
  it('are searched for the beginning of an id, and an ambiguous one names the candidates', async () => {
    await stage.open(new FakeTask('ab1'))
    await stage.open(new FakeTask('ab2'), new FakeTask('c'))
    await expect(stage.client.pause('c')).resolves.toMatchObject({id: 'c'})
    await expect(stage.client.pause('ab')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/ab[12], ab[12]/)
    })
    await expect(stage.client.pause('zz')).rejects.toMatchObject({code: 'TASK_UNKNOWN'})
  })

  it('are paused together, and each task tells what became of it', async () => {
    const tasks = [new FakeTask('t1'), new FakeTask('t2', 'data'), new FakeTask('t3')]
    for (const task of tasks) await stage.open(task)
    if (tasks[2]) tasks[2].session = 'other'
    const {tasks: results} = await stage.client.pauseAll('shared')
    expect(results.toSorted((a, b) => a.id.localeCompare(b.id))).toMatchObject([
      {id: 't1', record: {state: 'paused'}},
      {id: 't2', error: {code: 'NOT_RESUMABLE'}}
    ])
    const all = await stage.client.pauseAll()
    expect(all.tasks.map(({id}) => id).toSorted()).toEqual(['t2', 't3'])
  })

  it('that do not answer are named, and do not hide the others', async () => {
    await stage.open(new FakeTask('t1'))
    const address = newAddress(stage.places.runtime)
    const rude = createServer(socket => socket.destroy()).listen(address.socketPath)
    await once(rude, 'listening')
    const {tasks, silent} = await stage.client.tasks()
    rude.close()
    expect(tasks).toMatchObject([{id: 't1'}])
    expect(silent).toEqual([process.pid])
  })
})

describe('the runtime folder', () => {
  it('is not touched by looking when nothing runs', async () => {
    await expect(stage.client.tasks('all')).resolves.toEqual({
      tasks: [],
      failed: [],
      unreadable: [],
      silent: []
    })
    await expect(readdir(stage.home)).resolves.toEqual([])
  })

  it('is not trusted when others can enter it', async () => {
    await stage.open(new FakeTask('t1'))
    await chmod(stage.places.runtime, 0o755)
    await expect(stage.client.tasks()).rejects.toMatchObject({code: 'REFUSED'})
  })

  it('loses the socket of a dead process only: neither a living one’s nor one of another machine', async () => {
    await ensurePrivateFolder(stage.places.runtime)
    const {pid, startTime, machine} = newAddress(stage.places.runtime)
    const start = startTime ?? 'x'
    const names = [
      `1073741824-${start}-${machine}-0000`,
      `1073741824-${start}-abcdef-0000`,
      `${pid}-${start}-${machine}-0000`
    ]
    for (const name of names) await writeFile(join(stage.places.runtime, `${name}.sock`), '')
    await stage.client.tasks()
    const left = await readdir(stage.places.runtime)
    expect(left.toSorted()).toEqual(
      names
        .slice(1)
        .map(name => `${name}.sock`)
        .toSorted()
    )
    expect((await stat(join(stage.places.runtime, left[0] ?? ''))).isFile()).toBe(true)
  })
})
