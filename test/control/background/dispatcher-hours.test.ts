import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import type {ListedTask} from '../../../src/control/task-record.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

const body = seededBytes(400_000, 1)
const resource = {body, entityTag: '"v1"'}
const hold = {holdAfter: {bytes: 200_000, until: new Promise(() => {})}}
const keys = {discretionary: {window: '01:00-06:00'}}
const options = {interval: 10}

/** Local time. */
const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 0, day, hour, minute)

beforeEach(() => {
  vi.useFakeTimers({toFake: ['Date'], now: at(10, 12)})
})

afterEach(() => {
  vi.useRealTimers()
})

describe('A task with a window', () => {
  it('runs within it, is paused when it closes without telling of an end, and goes on when it opens again [B15]', async () => {
    const stage = await dispatcherStage(options)
    stage.origin.serve('/file', {...resource, faults: [hold]})
    stage.origin.serve('/free', resource)
    const [id = ''] = stage.submit([stage.download('file', {priority: 1})], {keys})
    const [free = ''] = stage.submit([stage.download('free')])
    expect((await stage.ended(free)).state).toBe('completed')
    expect(stage.journal.task(id)?.state).toBe('waiting')
    expect(stage.dispatcher.isIdle).toBe(false)
    vi.setSystemTime(at(11, 1))
    await stage.untilBytes(id, 200_000)
    vi.setSystemTime(at(11, 6))
    await stage.until(id, 'waiting')
    expect(stage.told(id)).toEqual(['task.created', 'task.started', 'task.response'])
    vi.setSystemTime(at(12, 1, 30))
    expect(await stage.ended(id)).toMatchObject({state: 'completed', resumedFrom: 200_000})
    expect(stage.file('file')).toEqual(body)
  })

  it('that could not go on from where it is goes on to its end', async () => {
    const stage = await dispatcherStage(options)
    const released = Promise.withResolvers<void>()
    const fault = {holdAfter: {bytes: 200_000, until: released.promise}}
    stage.origin.serve('/file', {body, acceptRanges: 'none', ranges: 'ignored', fault})
    vi.setSystemTime(at(11, 5, 59))
    const [id = ''] = stage.submit([stage.download('file')], {keys})
    await stage.untilBytes(id, 200_000)
    vi.setSystemTime(at(11, 6))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(stage.journal.task(id)?.state).toBe('running')
    released.resolve()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(1)
  })

  it('starts outside of it where it would otherwise start too late, and is not paused then [B15]', async () => {
    const stage = await dispatcherStage(options)
    const released = Promise.withResolvers<void>()
    stage.origin.serve('/file', {...resource, fault: {holdAfter: {bytes: 200_000, until: released.promise}}})
    const [id = ''] = stage.submit([stage.download('file')], {keys: {...keys, timeouts: {total: 7200}}})
    vi.setSystemTime(at(10, 13, 59))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(stage.journal.task(id)?.state).toBe('waiting')
    vi.setSystemTime(at(10, 14))
    await stage.untilBytes(id, 200_000)
    await new Promise(resolve => setTimeout(resolve, 100))
    released.resolve()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(1)
  })

  it('is listed with the time when that opens; what begins later anyway, with that', async () => {
    const stage = await dispatcherStage(options)
    stage.origin.serve('/file', resource)
    const tomorrow = at(11, 3).getTime()
    const [id = '', later = ''] = stage.submit(
      [stage.download('file'), stage.download('later', {earliestBegin: tomorrow})],
      {keys}
    )
    const opening = at(11, 1).toISOString()
    const begins = {[id]: opening, [later]: new Date(tomorrow).toISOString()}
    const listed = JSON.parse(`[${[...stage.dispatcher.roll.texts('active')].join(',')}]`) as ListedTask[]
    expect(Object.fromEntries(listed.map(task => [task.id, task.earliestBegin]))).toEqual(begins)
    expect(stage.dispatcher.roll.find(id)?.record().earliestBegin).toBe(opening)
    vi.setSystemTime(at(11, 1))
    expect(await stage.ended(id)).not.toHaveProperty('earliestBegin')
  })

  it('runs in the hours of whoever has submitted it', async () => {
    vi.setSystemTime(new Date('2026-01-10T12:00Z'))
    const stage = await dispatcherStage(options)
    stage.origin.serve('/file', resource)
    const zones = ['Asia/Tokyo', 'America/New_York']
    const ids = zones.map((timeZone, place) => {
      const [id = ''] = stage.submit([stage.download(`${place}`)], {keys, timeZone})
      return id
    })
    const begins = ids.map(id => Date.parse(stage.dispatcher.roll.find(id)?.record().earliestBegin ?? ''))
    const hours = begins.map((begin, place) =>
      new Date(begin).toLocaleTimeString('en-GB', {timeZone: zones[place] ?? '', timeStyle: 'short'})
    )
    expect(hours).toEqual(['01:00', '01:00'])
    expect(begins[0]).not.toBe(begins[1])
  })

  it('that comes in front of others keeps none of them from starting, and thousands of them cost no time', async () => {
    const stage = await dispatcherStage(options)
    const waiting = Array.from({length: 3000}, (_each, place) =>
      stage.download(`waiting${place}`, {priority: 1})
    )
    stage.submit(waiting, {keys})
    stage.origin.serve('/free', resource)
    const reads = vi.spyOn(stage.journal, 'startable')
    const [free = ''] = stage.submit([stage.download('free')])
    expect((await stage.ended(free)).state).toBe('completed')
    const read = reads.mock.results.map(({value}) => (value as readonly unknown[]).length)
    // At each look: how many looks there are is a matter of the machine.
    expect(Math.max(...read)).toBeLessThan(100)
  })
})
