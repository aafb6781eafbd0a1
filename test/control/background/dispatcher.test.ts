import {describe, expect, it, vi} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import {openJournalIn} from './open-dispatcher.ts'

const body = seededBytes(300_000, 1)
const resource = {body, entityTag: '"v1"'}

describe('A task of the background', () => {
  it('puts its file there and ends once, told in order', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    const record = await stage.ended(id)
    const bytes = body.length
    expect(record).toMatchObject({id, session: 'background', state: 'completed', bytes, error: null})
    expect(stage.file('file')).toEqual(body)
    expect(stage.told(id)).toEqual([
      'task.created',
      'task.started',
      'task.response',
      'task.finished',
      'task.metrics',
      'task.completed'
    ])
    expect(stage.events().map(({seq}) => seq)).toEqual([0, 1, 2, 3, 4, 5])
    expect(stage.reports).toEqual([])
  })

  it('that fails says why, and leaves the others alone', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/there', resource)
    const [lost = '', there = ''] = stage.submit([stage.download('lost'), stage.download('there')])
    expect(await stage.ended(lost)).toMatchObject({
      state: 'failed',
      status: 404,
      error: {code: 'HTTP_STATUS', exitCode: 22}
    })
    expect((await stage.ended(there)).state).toBe('completed')
    const completed = stage.events({task: lost}).filter(({event}) => event === 'task.completed')
    expect(completed).toHaveLength(1)
    expect(completed[0]?.facts).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS'}})
  })

  it('that cannot even begin fails and is told of', async () => {
    const stage = await dispatcherStage()
    const [id = ''] = stage.submit([stage.download('file', {request: {headers: [['bad name', 'x']]}})])
    expect(await stage.ended(id)).toMatchObject({state: 'failed', error: {code: 'USAGE', exitCode: 2}})
    expect(stage.told(id)).toEqual(['task.created', 'task.completed'])
  })

  it('follows redirections without asking anybody, and asks the server although an answer might be stored [B5] [B7]', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/moved', {body: '', fault: {redirect: {status: 302, location: '/file'}}})
    stage.origin.serve('/file', {...resource, headers: {'cache-control': 'max-age=3600'}})
    for (const name of ['download1', 'download2']) {
      const request = {url: stage.origin.url('/moved')}
      const [id = ''] = stage.submit([stage.download(name, {id: name, request})])
      expect((await stage.ended(id)).state).toBe('completed')
      expect(stage.events({task: id}).find(({event}) => event === 'task.redirect')?.facts).toMatchObject({
        decision: 'follow'
      })
    }
    expect(stage.origin.requestsOf('/file')).toHaveLength(2)
  })

  it('is known again by the next dispatcher, with what was told of it and not acknowledged [B9]', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.ended(id)
    const told = stage.events()
    await stage.reopen()
    expect(stage.events()).toEqual(told)
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(1)
  })
})

describe('The order of the start', () => {
  it('is priority first, then submission, and never more than the session allows [P27]', async () => {
    const stage = await dispatcherStage()
    const release = Promise.withResolvers<void>()
    const names = ['usual1', 'usual2', 'urgent', 'usual3']
    for (const name of names)
      stage.origin.serve(`/${name}`, {...resource, fault: {holdHead: release.promise}})
    const tasks = names.map(name => stage.download(name, {id: name, priority: name === 'urgent' ? 1 : 0.5}))
    stage.submit(tasks, {keys: {maxParallelTasks: 2}})
    await stage.origin.untilRequests(2)
    expect(stage.journal.counts()).toMatchObject({running: 2, waiting: 2})
    release.resolve()
    for (const name of names) await stage.ended(name)
    expect(
      stage.origin.requests
        .slice(0, 2)
        .map(({path}) => path)
        .toSorted()
    ).toEqual(['/urgent', '/usual1'])
    expect(stage.origin.requests.slice(2).map(({path}) => path)).toEqual(['/usual2', '/usual3'])
  })

  it('waits for the time that a task is not to begin before [P25]', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/later', resource)
    stage.origin.serve('/now', resource)
    const earliestBegin = Date.now() + 400
    const [later = '', now = ''] = stage.submit([
      stage.download('later', {priority: 1, earliestBegin}),
      stage.download('now')
    ])
    expect(stage.dispatcher.isIdle).toBe(false)
    await stage.ended(now)
    await stage.ended(later)
    const started = stage.events({task: later}).find(({event}) => event === 'task.started')
    expect(Date.parse(started?.time ?? '')).toBeGreaterThanOrEqual(earliestBegin)
    expect(stage.dispatcher.isIdle).toBe(true)
  })

  it('lets sessions not wait for each other', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/slow', {...resource, fault: {holdHead: new Promise(() => {})}})
    stage.origin.serve('/quick', resource)
    stage.submit([stage.download('slow')], {session: 'one', keys: {maxParallelTasks: 1}})
    const [quick = ''] = stage.submit([stage.download('quick')], {session: 'two'})
    expect(await stage.ended(quick)).toMatchObject({state: 'completed', session: 'two'})
  })

  it('runs each task with the configuration that it was submitted with [B16]', async () => {
    const stage = await dispatcherStage()
    for (const name of ['a', 'b']) stage.origin.serve(`/${name}`, resource)
    const [a = ''] = stage.submit([stage.download('a')], {keys: {headers: {'x-config': 'first'}}})
    const [b = ''] = stage.submit([stage.download('b')], {keys: {headers: {'x-config': 'second'}}})
    await Promise.all([stage.ended(a), stage.ended(b)])
    const header = (path: string): unknown => stage.origin.requestsOf(path)[0]?.headers.get('x-config')
    expect([header('/a'), header('/b')]).toEqual(['first', 'second'])
  })
})

describe('A network that is away', () => {
  it('does not end a task: it is tried again until it works [B6]', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    stage.origin.welcome = 'reset'
    const keys = {retry: {attempts: 1}}
    const [id = ''] = stage.submit([stage.download('file')], {keys})
    await vi.waitUntil(() => stage.origin.connections > 3, patience)
    expect(stage.journal.task(id)?.state).toBe('running')
    stage.origin.welcome = 'serve'
    expect((await stage.ended(id)).state).toBe('completed')
  })

  it('ends it when its total time is over, counted over all its starts [B6] [P4]', async () => {
    const stage = await dispatcherStage()
    stage.origin.welcome = 'reset'
    const keys = {timeouts: {total: 3600}}
    const [id = ''] = stage.submit([stage.download('file')], {keys})
    await vi.waitUntil(() => stage.origin.connections > 3, patience)
    await stage.close()
    const journal = await openJournalIn(stage.folder, report => expect.fail(String(report)))
    expect(journal.task(id)?.spent).toBeGreaterThan(0)
    // As if it had run for the best part of an hour.
    journal.change(id, {spent: 3_599_500})
    journal.close()
    await stage.open()
    expect(await stage.ended(id)).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT', exitCode: 28}})
    expect(stage.journal.task(id)?.spent).toBeGreaterThanOrEqual(3_600_000)
  })
})
