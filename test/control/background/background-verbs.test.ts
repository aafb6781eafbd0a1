import {describe, expect, it} from 'vitest'
import {controlToken} from '../../../src/control/control-token.ts'
import type {SubmittedTask} from '../../../src/control/background/submission.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {raw} from '../stage.ts'
import {attachStage} from './attach-stage.ts'
import type {AttachStage} from './attach-stage.ts'
import {heldResource} from '../../origin/held-resource.ts'

interface Body {
  readonly session: unknown
  readonly snapshot: Record<string, unknown>
  readonly tasks: readonly unknown[]
}

function bodyOf(task: unknown, changes: Partial<Body> = {}): Body {
  const {keys} = SessionConfiguration.background('background')
  return {
    session: 'background',
    snapshot: {keys, onComplete: null, environment: {}},
    tasks: [task],
    ...changes
  }
}

async function post(
  {endpoint, places}: AttachStage,
  path: string,
  body: unknown
): Promise<{status: number | undefined; error?: {code: string; message: string}; ids?: string[]}> {
  const authorization = `Bearer ${await controlToken(places.state)}`
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await raw(endpoint, {method: 'POST', path, authorization, body: text})
  return {status: answer.status, ...(answer.body as object)}
}

/** The task with one field changed, named by its path. */
function changed(task: SubmittedTask, path: string, value: unknown): unknown {
  const copy = structuredClone(task) as unknown as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() ?? ''
  const place = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
  place[last] = value
  return copy
}

describe('A submission', () => {
  it('is on disk when it is answered with the ids, in their order [B3]', async () => {
    const stage = await attachStage()
    const tasks = ['one', 'two'].map(name =>
      stage.daemon.download(name, {earliestBegin: Date.now() + 60_000})
    )
    const answer = await post(stage, '/background/tasks', bodyOf(undefined, {tasks}))
    expect(answer).toMatchObject({status: 200, ids: tasks.map(({id}) => id)})
    await stage.daemon.reopen()
    expect(stage.daemon.journal.tasks({which: 'unfinished'}).map(({submitted}) => submitted)).toEqual(tasks)
  })

  it.each([
    ['work.request.url', 'ftp://127.0.0.1/file', 'UNSUPPORTED_SCHEME'],
    ['work.request.url', 'file:///etc/passwd', 'UNSUPPORTED_SCHEME'],
    ['work.request.url', 'http://127.0.0.1/a b', 'URL_MALFORMED'],
    ['work.request.url', 7, 'USAGE'],
    ['work.request.method', 'GET /other HTTP/1.1', 'USAGE'],
    ['work.request.headers', [['X-A', 'a\r\nX-B: b']], 'USAGE'],
    ['work.request.headers', [['bad name', 'a']], 'USAGE'],
    ['work.request.headers', [['X-A']], 'USAGE'],
    ['work.options.directory', 'downloads', 'USAGE'],
    ['work.options.directory', '/tmp/\0', 'USAGE'],
    ['work.options.fileName', '../file', 'USAGE'],
    ['work.options.fileName', '..', 'USAGE'],
    ['work.options.sign', 'x', 'USAGE'],
    ['work.kind', 'data', 'USAGE'],
    ['work.command', 'reboot', 'USAGE'],
    ['id', '../../task', 'USAGE'],
    ['priority', 2, 'USAGE'],
    ['earliestBegin', 'soon', 'USAGE'],
    ['label', {}, 'USAGE']
  ])('is refused as a whole with %s as %j, and the field is named', async (path, value, code) => {
    const stage = await attachStage()
    const [good, bad] = [stage.daemon.download('good'), stage.daemon.download('bad')]
    const body = bodyOf(undefined, {tasks: [good, changed(bad, path, value)]})
    const answer = await post(stage, '/background/tasks', body)
    expect(answer).toMatchObject({status: 400, error: {code}})
    expect(answer.error?.message).toContain(`tasks.1.${path.split('.')[0] ?? ''}`)
    expect(stage.daemon.journal.tasks({which: 'all'})).toEqual([])
  })

  it.each([
    ['an empty identifier', {session: ''}, 'USAGE', 'session'],
    ['an identifier that is a path', {session: '../x'}, 'USAGE', 'session'],
    ['no tasks', {tasks: []}, 'USAGE', 'tasks'],
    [
      'a key that there is not',
      {snapshot: {keys: {nonsense: 1}, onComplete: null, environment: {}}},
      'CONFIGURATION_REFUSED',
      'snapshot.keys'
    ],
    [
      'a cookie file without its folder',
      {snapshot: {keys: {cookies: {jar: 'jar.txt'}}, onComplete: null, environment: {}}},
      'CONFIGURATION_REFUSED',
      'snapshot.keys'
    ],
    [
      'a variable whose name is none',
      {snapshot: {keys: {}, onComplete: null, environment: {'A=B': 'c'}}},
      'USAGE',
      'snapshot.environment'
    ]
  ])('is refused with %s [B1]', async (_what, changes, code, field) => {
    const stage = await attachStage()
    const answer = await post(stage, '/background/tasks', bodyOf(stage.daemon.download('file'), changes))
    expect(answer).toMatchObject({status: 400, error: {code}})
    expect(answer.error?.message).toContain(field)
  })

  it('that is wrong does not repeat the secrets in it', async () => {
    const stage = await attachStage()
    const secret = canary('misplaced')
    const task = changed(stage.daemon.download('file'), 'priority', secret)
    const {error} = await post(stage, '/background/tasks', bodyOf(task))
    expect(error?.code).toBe('USAGE')
    expect(error?.message).not.toContain(secret)
  })

  it('may have 16 MiB, other requests one', async () => {
    const stage = await attachStage()
    const {download} = stage.daemon
    const large = download.call(stage.daemon, 'file', {
      request: {headers: Array.from({length: 40}, (_, index) => [`X-${index}`, 'x'.repeat(60_000)] as const)},
      earliestBegin: Date.now() + 60_000
    })
    expect(await post(stage, '/background/tasks', bodyOf(large))).toMatchObject({status: 200})
    const tooLarge = `${JSON.stringify(bodyOf(large))}${' '.repeat(16 * 1024 * 1024)}`
    expect(await post(stage, '/background/tasks', tooLarge)).toMatchObject({status: 400})
    const attach = `{"session":"background","pid":1}${' '.repeat(1024 * 1024)}`
    expect(await post(stage, '/background/attach', attach)).toMatchObject({status: 400})
  })

  it('whose answer was lost can be sent again, and is taken once', async () => {
    const stage = await attachStage()
    const body = bodyOf(stage.daemon.download('file', {earliestBegin: Date.now() + 60_000}))
    const first = await post(stage, '/background/tasks', body)
    expect(await post(stage, '/background/tasks', body)).toEqual(first)
    expect(stage.daemon.journal.tasks({which: 'all'})).toHaveLength(1)
    const half = {...body, tasks: [...body.tasks, stage.daemon.download('new')]}
    expect(await post(stage, '/background/tasks', half)).toMatchObject({status: 400, error: {code: 'USAGE'}})
  })

  it('of thousands goes in several requests, each of which can be held', async () => {
    const {daemon, client} = await attachStage()
    const earliestBegin = Date.now() + 60_000
    const tasks = Array.from({length: 2500}, (_, index) => daemon.download(`f${index}`, {earliestBegin}))
    const {session, snapshot} = bodyOf(undefined)
    const ids = await client.submit({session, snapshot, tasks} as unknown as Parameters<
      typeof client.submit
    >[0])
    expect(ids).toEqual(tasks.map(({id}) => id))
    expect(daemon.journal.counts().waiting).toBe(2500)
  })
})

describe('What is no verb', () => {
  it.each([
    ['/background/tasks/extra', '{}', 404],
    ['/background/run', '{"command":"reboot"}', 404],
    ['/background/constructor', '{}', 404],
    ['/background/ack', '{"session":"background"}', 400],
    ['/background/attach', '{"session":"background","pid":"1; reboot"}', 400],
    ['/background/attach', '{"session":"background","pid":1,"force":true}', 400]
  ])('is an error: POST %s with %s', async (path, body, status) => {
    expect(await post(await attachStage(), path, body)).toMatchObject({status, error: {code: 'USAGE'}})
  })
})

describe('A task of the daemon', () => {
  it('is held without an end and goes on as the same one; only what is held can be released [T12]', async () => {
    const stage = await attachStage()
    const {daemon, client} = stage
    daemon.origin.serve('/file', heldResource('x'.repeat(300_000), 100_000))
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.untilBytes(id, 1)
    expect(await post(stage, `/tasks/${id}/resume`, {})).toMatchObject({status: 409, error: {code: 'BUSY'}})
    const held = await post(stage, `/tasks/${id}/pause`, {hold: true})
    expect(held).toMatchObject({status: 200, record: {id, state: 'suspended', error: null}})
    expect(daemon.told(id)).not.toContain('task.completed')
    expect((await client.release(id)).id).toBe(id)
    expect((await daemon.ended(id)).state).toBe('completed')
    const late = await post(stage, `/tasks/${id}/pause`, {hold: true})
    expect(late).toMatchObject({status: 409, error: {code: 'NOT_RESUMABLE'}})
    await expect(client.release(id)).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
    await expect(client.release('unknown')).rejects.toMatchObject({code: 'TASK_UNKNOWN'})
  })
})

describe('An invalidated session', () => {
  it('takes no tasks until those it has are done, says so, and can then be used again [B12]', async () => {
    const stage = await attachStage()
    const {daemon, attach} = stage
    const resource = heldResource('x'.repeat(300_000), 100_000)
    daemon.origin.serve('/file', resource)
    const listener = attach()
    const [id = ''] = daemon.submit([daemon.download('file')])
    await daemon.untilBytes(id, 1)
    const answer = await post(stage, '/sessions/invalidate', {session: 'background'})
    expect(answer).toMatchObject({status: 200, sessions: 1, tasks: 1})
    const [next, later] = [daemon.download('next'), daemon.download('later')]
    const refused = await post(stage, '/background/tasks', bodyOf(next))
    expect(refused).toMatchObject({status: 400, error: {code: 'BUSY'}})
    expect(refused.error?.message).toContain('being invalidated')
    resource.letGo()
    await listener.until(() => listener.of('session.invalidated').length > 0)
    expect(listener.of('task.completed').map(({task}) => task)).toEqual([id])
    expect(await post(stage, '/background/tasks', bodyOf(later))).toMatchObject({status: 200})
  })

  it('with its tasks cancelled is ready at once', async () => {
    const stage = await attachStage()
    const [id = ''] = stage.daemon.submit([
      stage.daemon.download('file', {earliestBegin: Date.now() + 60_000})
    ])
    await post(stage, '/sessions/invalidate', {session: 'background', cancel: true})
    expect(stage.daemon.journal.task(id)?.state).toBe('cancelled')
    const next = await post(stage, '/background/tasks', bodyOf(stage.daemon.download('next')))
    expect(next.status).toBe(200)
  })
})
