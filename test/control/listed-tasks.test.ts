import {describe, expect, it} from 'vitest'
import {isListedTask, listedTasks} from '../../src/control/listed-tasks.ts'
import {checked} from '../../src/control/request-body.ts'
import {endedAnswer} from '../../src/control/schemas.ts'

const whole = {
  id: 'abc123',
  kind: 'download',
  session: 'default',
  url: 'http://127.0.0.1/file',
  finalUrl: 'http://127.0.0.1/file',
  state: 'running',
  status: 200,
  path: '/tmp/file',
  bytes: 10,
  total: 20,
  resumedFrom: null,
  restarted: false,
  checksum: null,
  durationMs: 1.5,
  error: null,
  resumeData: null,
  pid: 1,
  actions: ['pause', 'cancel']
}
const failure = {code: 'BUSY', message: 'in use', exitCode: 112}

describe('A listed task of another process', () => {
  it.each([
    ['as it is', {}],
    ['that has failed', {state: 'failed', error: failure, pid: null, actions: []}],
    ['of which nothing is known yet', {status: null, path: null, total: null, durationMs: null}],
    ['of an upload', {kind: 'upload', source: '/tmp/file'}],
    ['with a word that only a newer ferry knows', {mood: 'good'}]
  ])('is taken %s', (_what, change) => {
    expect(isListedTask({...whole, ...change})).toBe(true)
  })

  it.each(Object.keys(whole))('is not taken without its %s', name => {
    expect(isListedTask({...whole, [name]: undefined})).toBe(false)
  })

  it.each([
    ['an id that is a path', {id: '../../etc'}],
    ['another kind', {kind: 'rocket'}],
    ['another state', {state: 'canceling'}],
    ['fewer bytes than none', {bytes: -1}],
    ['a part of a byte', {total: 0.5}],
    ['a text without end', {url: 'u'.repeat(65 * 1024)}],
    ['an action that is none', {actions: ['explode']}],
    ['an error that is a text', {error: 'failed'}],
    ['an error without a code', {error: {...failure, code: undefined}}],
    ['an exit code that no process can have', {error: {...failure, exitCode: 256}}],
    ['a source that is a number', {source: 1}]
  ])('is not taken with %s', (_what, change) => {
    expect(isListedTask({...whole, ...change})).toBe(false)
  })

  it.each([null, undefined, 'task', 1, []])('is not taken where there is none: %j', value => {
    expect(isListedTask(value)).toBe(false)
  })
})

describe('The record of a task, in an answer about it', () => {
  const {pid: _pid, actions: _actions, ...record} = whole

  it('is taken with what only a newer ferry knows, and is not yet a listed task', async () => {
    const newer = {...record, mood: 'good'}
    await expect(checked(endedAnswer, {record: newer, exitCode: 0})).resolves.toMatchObject({record: newer})
    expect(isListedTask(newer)).toBe(false)
  })

  it('is refused where it is none, and named', async () => {
    const answer = checked(endedAnswer, {record: {...record, bytes: -1}, exitCode: 0})
    await expect(answer).rejects.toThrow('record is no record of a task')
  })
})

describe('What a process says of its tasks', () => {
  it.each([
    [{tasks: []}, {tasks: []}],
    [{tasks: [whole]}, {tasks: [whole]}],
    [
      {tasks: [whole], keeper: 'daemon', mood: 'good'},
      {tasks: [whole], keeper: 'daemon'}
    ]
  ])('is taken: %j', (answer, taken) => {
    expect(listedTasks(answer)).toEqual(taken)
  })

  it.each([
    null,
    'tasks',
    [],
    {},
    {tasks: {}},
    {tasks: [whole, {...whole, id: '../../etc'}]},
    {tasks: [], keeper: 1}
  ])('is not taken: %j', answer => {
    expect(listedTasks(answer)).toBeUndefined()
  })
})
