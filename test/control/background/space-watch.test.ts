import {join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {SpaceWatch} from '../../../src/control/background/dispatcher/space-watch.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

const resource = {body: seededBytes(100_000, 1), entityTag: '"v1"'}
// No disk has room for this, so the engine refuses it before a byte is written.
const huge = {headers: {'content-length': String(2 ** 52)}}
const mebibyte = 1024 * 1024

describe('A full disk', () => {
  it('ends nothing: the task waits, says so once, and goes on when there is room', async () => {
    let free = 0
    const stage = await dispatcherStage({interval: 20, freeSpace: () => free})
    stage.origin.serve('/file', {...resource, faults: [huge, huge]})
    stage.origin.serve('/next', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.until(id, 'waiting')
    const full = {code: 'NO_SPACE', message: expect.any(String) as string, exitCode: 23}
    expect(stage.journal.task(id)?.record).toMatchObject({state: 'waiting', error: null, waitsAfter: full})
    const [next = ''] = stage.submit([stage.download('next')])
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(stage.origin.requests).toHaveLength(1)
    expect(stage.journal.task(next)?.state).toBe('waiting')
    expect(stage.dispatcher.isIdle).toBe(false)
    free = Infinity
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.journal.task(id)?.record).not.toHaveProperty('waitsAfter')
    expect((await stage.ended(next)).state).toBe('completed')
    expect(stage.file('file')).toEqual(resource.body)
    const told = stage.told(id)
    expect(told.filter(event => event === 'task.waiting')).toHaveLength(1)
    expect(told.filter(event => event === 'task.completed')).toHaveLength(1)
    expect(stage.events({task: id}).find(({event}) => event === 'task.waiting')?.facts).toMatchObject({
      reason: 'retry'
    })
  })

  it('ends what waits for it when its whole time is over', async () => {
    const stage = await dispatcherStage({interval: 20, freeSpace: () => 0})
    stage.origin.serve('/file', {...resource, fault: huge})
    const [id = ''] = stage.submit([stage.download('file')], {keys: {timeouts: {total: 1}}})
    await stage.until(id, 'waiting')
    expect(await stage.ended(id)).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT', exitCode: 28}})
    expect(stage.journal.task(id)?.spent).toBeGreaterThanOrEqual(1000)
    expect(stage.dispatcher.isIdle).toBe(true)
  })

  it('counts into the time of a task that goes on', async () => {
    let free = 0
    const stage = await dispatcherStage({interval: 20, freeSpace: () => free})
    stage.origin.serve('/file', {...resource, faults: [huge]})
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.until(id, 'waiting')
    await new Promise(resolve => setTimeout(resolve, 300))
    free = Infinity
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.journal.task(id)?.spent).toBeGreaterThanOrEqual(250)
  })

  it('does not stop what needs less than is there', async () => {
    const stage = await dispatcherStage({interval: 20, freeSpace: () => 10 * mebibyte})
    stage.origin.serve('/file', {...resource, fault: huge})
    stage.origin.serve('/small', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.until(id, 'waiting')
    const [small = ''] = stage.submit([stage.download('small')])
    expect((await stage.ended(small)).state).toBe('completed')
    expect(stage.journal.task(id)?.state).toBe('waiting')
    expect(stage.origin.requestsOf('/file')).toHaveLength(1)
  })

  it('lets a task be cancelled that waits for room', async () => {
    const stage = await dispatcherStage({interval: 20, freeSpace: () => 0})
    stage.origin.serve('/file', {...resource, fault: huge})
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.until(id, 'waiting')
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect((await stage.ended(id)).state).toBe('cancelled')
    expect(stage.dispatcher.isIdle).toBe(true)
  })

  it('is another thing than a file that cannot be written: that fails', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const directory = join(stage.downloads, 'missing')
    const [id = ''] = stage.submit([stage.download('file', {options: {directory}})])
    expect(await stage.ended(id)).toMatchObject({
      state: 'failed',
      error: {code: 'WRITE_FAILED', exitCode: 23}
    })
  })
})

describe('The watch over room', () => {
  let folder: string
  let retries: number
  let free: number
  let watch: SpaceWatch

  beforeEach(() => {
    vi.useFakeTimers()
    folder = scratchFolder()
    retries = 0
    free = 0
    watch = new SpaceWatch({interval: 1000, retry: () => void (retries += 1), freeSpace: () => free})
    return () => {
      watch.stop()
      vi.useRealTimers()
    }
  })

  it('lets go, at its next look, those that the room is enough for', () => {
    watch.add({id: 'large', folder, missing: 50 * mebibyte, left: Infinity})
    watch.add({id: 'small', folder, missing: 10, left: Infinity})
    free = 2 * mebibyte
    expect(watch.isWaiting('small')).toBe(true)
    vi.advanceTimersByTime(1000)
    expect(['large', 'small'].map(id => watch.isWaiting(id))).toEqual([true, false])
    expect(watch.has('small')).toBe(true)
    expect(retries).toBe(1)
  })

  it('lets one try for all that were refused although there was room, and the others when it got on', () => {
    free = Infinity
    for (const id of ['a', 'b', 'c']) watch.add({id, folder, missing: 10, left: Infinity})
    expect(watch.isFull(join(folder, 'not', 'made', 'yet'), 'x')).toBe(true)
    vi.advanceTimersByTime(1000)
    expect(['a', 'b', 'c'].map(id => watch.isWaiting(id))).toEqual([false, true, true])
    expect(['a', 'x'].map(id => watch.isFull(folder, id))).toEqual([false, true])
    watch.add({id: 'a', folder, missing: 10, left: Infinity})
    vi.advanceTimersByTime(1000)
    expect(['a', 'b', 'c'].map(id => watch.isWaiting(id))).toEqual([true, false, true])
    watch.remove('b')
    expect(['a', 'c'].map(id => watch.isWaiting(id))).toEqual([false, false])
    expect(watch.isFull(folder, 'x')).toBe(false)
  })

  it('has no timer while nobody waits', () => {
    expect(vi.getTimerCount()).toBe(0)
    watch.add({id: 'a', folder, missing: undefined, left: Infinity})
    expect(vi.getTimerCount()).toBe(1)
    watch.remove('a')
    expect(vi.getTimerCount()).toBe(0)
  })
})
