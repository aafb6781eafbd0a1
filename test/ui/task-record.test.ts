import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {formatJsonDocument} from '../../src/ui/json-document.ts'
import {recordWriter} from '../../src/ui/task-record.ts'
import {HandMovedTask, Script} from './task-double.ts'

const context = {exitCode: () => 22, sessionName: 'shared'}
const secretUrl = 'https://user:word@127.0.0.1/f.bin?token=abc'

describe('the record of a task', () => {
  const record = recordWriter(context)
  const keys = [
    'id',
    'kind',
    'session',
    'url',
    'finalUrl',
    'state',
    'status',
    'path',
    'bytes',
    'total',
    'resumedFrom'
  ]
  const moreKeys = ['restarted', 'checksum', 'durationMs', 'error', 'resumeData']

  it('has every key in every state, with null for what is absent', () => {
    const task = new HandMovedTask('t1', secretUrl)
    expect(Object.keys(record(task)).toSorted()).toEqual([...keys, ...moreKeys].toSorted())
    expect(record(task)).toMatchObject({
      state: 'suspended',
      status: null,
      path: null,
      bytes: 0,
      total: null,
      resumedFrom: null,
      restarted: false,
      durationMs: null,
      error: null
    })
    expect(JSON.stringify(record(task))).not.toMatch(/word|abc/)
  })

  it('tells what a failed task came to', () => {
    const script = new Script({}, new HandMovedTask('t1', secretUrl)).start(10).resumeAt(3).receive(7)
    const url = new URL(secretUrl)
    script.task.response = {url, status: 404, statusText: '', headers: [], expectedContentLength: 10}
    script.end({state: 'failed', error: new TransferError('HTTP_STATUS', 'No \x07')})
    expect(record(script.task)).toMatchObject({
      state: 'failed',
      status: 404,
      bytes: 7,
      total: 10,
      resumedFrom: 3,
      durationMs: expect.any(Number) as number,
      error: {code: 'HTTP_STATUS', message: 'No \\x07', exitCode: 22}
    })
  })

  it('says what the attempt before failed by as long as the task waits for another, and not as an error', () => {
    const {task} = new Script({}, new HandMovedTask('t1', secretUrl))
    task.waitsAfter = new TransferError('CONNECT_FAILED', 'No \x07')
    const waitsAfter = {code: 'CONNECT_FAILED', message: String.raw`No \x07`, exitCode: 22}
    expect(record(task)).toMatchObject({error: null, waitsAfter})
    task.waitsAfter = undefined
    expect(record(task)).not.toHaveProperty('waitsAfter')
  })

  it('shows scripts a task on its way to an end as running', () => {
    const script = new Script({}, new HandMovedTask('t1', secretUrl)).start()
    script.task.cancel()
    expect(script.task.state).toBe('canceling')
    expect(record(script.task).state).toBe('running')
  })

  it('makes one document, which is only ok when every task completed', () => {
    const good = new Script({}, new HandMovedTask('t1', secretUrl)).start()
    good.end({state: 'completed'})
    const paused = new Script({}, new HandMovedTask('t2', secretUrl)).start()
    paused.end({state: 'paused'})
    expect(JSON.parse(formatJsonDocument([record(good.task)]))).toMatchObject({ok: true, tasks: [{id: 't1'}]})
    expect(JSON.parse(formatJsonDocument([record(good.task), record(paused.task)]))).toMatchObject({
      ok: false
    })
    expect(formatJsonDocument([])).toMatch(/\}\n$/)
  })
})
