import {describe, expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

const resource = {body: seededBytes(1000, 1), entityTag: '"v1"'}

function sessionOf(stage: DispatcherStage) {
  const [session] = stage.dispatcher.sessions.named('background')
  if (!session) throw new Error('There is no session')
  return session
}

describe('A session that is invalidated', () => {
  it('takes nothing new, ends with its last task, says so, and can be used again [B12]', async () => {
    const stage = await dispatcherStage()
    const release = Promise.withResolvers<void>()
    stage.origin.serve('/file', {...resource, fault: {holdHead: release.promise}})
    stage.origin.serve('/next', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    const invalid = sessionOf(stage).finishTasksAndInvalidate('keep')
    expect(() => stage.submit([stage.download('next')])).toThrow(expect.objectContaining({code: 'BUSY'}))
    release.resolve()
    await invalid
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.events().at(-1)).toMatchObject({
      event: 'session.invalidated',
      task: null,
      facts: {error: null}
    })
    const [next = ''] = stage.submit([stage.download('next')])
    expect((await stage.ended(next)).state).toBe('completed')
    expect(stage.events().filter(({event}) => event === 'session.invalidated')).toHaveLength(1)
  })

  it('with cancel ends what has not ended first, and tells of each before it tells of itself', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, fault: {holdHead: new Promise(() => {})}})
    const later = Date.now() + 3600_000
    const tasks = [stage.download('file'), stage.download('later', {earliestBegin: later})]
    const ids = stage.submit(tasks)
    await stage.origin.untilRequests(1)
    expect(sessionOf(stage).tasks).toHaveLength(2)
    await sessionOf(stage).invalidateAndCancel()
    expect(ids.map(id => stage.journal.task(id)?.state)).toEqual(['cancelled', 'cancelled'])
    const ends = stage
      .events()
      .map(({event}) => event)
      .filter(event => /completed|invalidated/.test(event))
    expect(ends).toEqual(['task.completed', 'task.completed', 'session.invalidated'])
  })

  it('is invalidated by the next daemon where this one did not come to it', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, faults: [{holdHead: new Promise(() => {})}]})
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.origin.untilRequests(1)
    void sessionOf(stage).finishTasksAndInvalidate('keep')
    await stage.reopen()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.events().at(-1)?.event).toBe('session.invalidated')
  })

  it('waits for no task that a person holds, unless somebody is to let it go on', async () => {
    const stage = await dispatcherStage()
    const [id = ''] = stage.submit([stage.download('file', {earliestBegin: Date.now() + 3600_000})])
    await stage.dispatcher.roll.find(id)?.task.hold?.('continue')
    const invalid = sessionOf(stage).finishTasksAndInvalidate('keep')
    expect(stage.journal.task(id)?.state).toBe('held')
    await sessionOf(stage).finishTasksAndInvalidate('cancel')
    await invalid
    expect(stage.journal.task(id)?.state).toBe('cancelled')
  })
})

describe('Sessions of the background', () => {
  it('are found by their identifier alone', async () => {
    const stage = await dispatcherStage()
    stage.submit([stage.download('file', {earliestBegin: Date.now() + 3600_000})])
    expect(stage.dispatcher.sessions.named('other')).toEqual([])
    expect(sessionOf(stage).environment.name).toBe('background')
  })

  it('make new connections after a flush, while their tasks run on [R61]', async () => {
    const stage = await dispatcherStage()
    const release = Promise.withResolvers<void>()
    for (const name of ['slow', 'a', 'b', 'c']) stage.origin.serve(`/${name}`, resource)
    stage.origin.serve('/slow', {...resource, fault: {holdHead: release.promise}})
    const [slow = ''] = stage.submit([stage.download('slow')])
    const connectionOf = (name: string): number | undefined =>
      stage.origin.requestsOf(`/${name}`)[0]?.connection
    for (const name of ['a', 'b', 'c']) {
      if (name === 'c') await sessionOf(stage).flush()
      const [id = ''] = stage.submit([stage.download(name)])
      await stage.ended(id)
    }
    expect(connectionOf('b')).toBe(connectionOf('a'))
    expect(connectionOf('c')).not.toBe(connectionOf('b'))
    release.resolve()
    expect((await stage.ended(slow)).state).toBe('completed')
  })

  it('tell those who follow when there is news, and of progress what is not kept', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    let news = 0
    const live: string[] = []
    const leave = stage.dispatcher.follow('background', {
      journalled: () => void (news += 1),
      live: ({event}) => void live.push(event)
    })
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.ended(id)
    expect(stage.dispatcher.isDrained('background')).toBe(true)
    expect(news).toBeGreaterThan(1)
    expect(new Set(live)).toEqual(new Set(['task.progress']))
    expect(stage.told(id)).not.toContain('task.progress')
    leave()
    const before = news
    stage.submit([stage.download('file', {earliestBegin: Date.now() + 3600_000})])
    expect(news).toBe(before)
    expect(stage.dispatcher.isDrained('background')).toBe(false)
  })
})
