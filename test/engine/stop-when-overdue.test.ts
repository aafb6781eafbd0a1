import {afterEach, beforeEach, expect, it, vi} from 'vitest'
import {steadyTime} from '../../src/engine/exchange/steady-time.ts'
import {stopWhenOverdue} from '../../src/engine/stop-when-overdue.ts'
import {urlRequest} from '../../src/engine/index.ts'
import type {Task} from '../../src/engine/index.ts'
import {recordedSession} from './recorded-session.ts'

const day = 24 * 3600 * 1000

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'hrtime']})
})

afterEach(() => {
  vi.useRealTimers()
})

function taskWith(total: number, spent: number): Task {
  const {session} = recordedSession({timeouts: {total: total / 1000}})
  return session.dataTask(urlRequest('http://127.0.0.1:1/'), {spent})
}

it('stops a task at the end of its time, also where no timer is that long [P4]', () => {
  const task = taskWith(60 * day, 0)
  stopWhenOverdue(task, steadyTime())
  vi.advanceTimersByTime(60 * day - 1000)
  expect(task.isStopped).toBe(false)
  vi.advanceTimersByTime(2000)
  expect(task.stopSignal.reason).toMatchObject({code: 'TIMED_OUT'})
})

it('counts what was used up before [P4]', () => {
  const task = taskWith(60 * day, 59 * day)
  stopWhenOverdue(task, steadyTime())
  vi.advanceTimersByTime(day + 1000)
  expect(task.isStopped).toBe(true)
})

it('leaves a task alone whose end was told', () => {
  const task = taskWith(60 * day, 0)
  const stop = stopWhenOverdue(task, steadyTime())
  vi.advanceTimersByTime(40 * day)
  stop()
  vi.advanceTimersByTime(40 * day)
  expect(task.isStopped).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})
