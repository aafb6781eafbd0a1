import {describe, expect, it, vi} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {dispatcherStage} from './dispatcher-stage.ts'

const resource = {body: seededBytes(1000, 1), entityTag: '"v1"'}
const onComplete = 'notify --batch'
const nobody = {journalled: () => {}, live: () => {}}

describe('The command for finished batches', () => {
  it('runs once for a hundred tasks, with what became of each [B14] [R65]', async () => {
    const stage = await dispatcherStage()
    stage.origin.on('*', (_request, reply) => reply.respond(200, {}, 'content'))
    const ids = stage.submit(
      Array.from({length: 100}, (_, index) => stage.download(`file${index}`)),
      {onComplete, environment: {LANG: 'C'}}
    )
    await Promise.all(ids.map(id => stage.ended(id)))
    expect(stage.hooks).toHaveLength(1)
    expect(stage.hooks[0]).toMatchObject({command: onComplete, environment: {LANG: 'C'}})
    expect(stage.hooks[0]?.batch.session).toBe('background')
    expect(stage.hooks[0]?.batch.tasks.map(({id, state}) => [id, state])).toEqual(
      ids.map(id => [id, 'completed'])
    )
  })

  it('runs again for the next batch, and only with that', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/first', resource)
    for (const name of ['first', 'missing']) {
      const [id = ''] = stage.submit([stage.download(name)], {onComplete})
      await stage.ended(id)
    }
    const states = stage.hooks.map(({batch}) => batch.tasks.map(({state}) => state))
    expect(states).toEqual([['completed'], ['failed']])
  })

  it('does not run while somebody is attached, nor afterwards for what was told then [B14]', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    stage.origin.serve('/next', resource)
    const leave = stage.dispatcher.follow('background', nobody)
    const [id = ''] = stage.submit([stage.download('file')], {onComplete})
    await stage.ended(id)
    leave()
    const [next = ''] = stage.submit([stage.download('next')], {onComplete})
    await stage.ended(next)
    expect(stage.hooks.map(({batch}) => batch.tasks.map(task => task.id))).toEqual([[next]])
  })

  it('runs after a restart for what had ended and was not told, and never twice', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, faults: [{holdHead: new Promise(() => {})}]})
    const [id = ''] = stage.submit([stage.download('file')], {onComplete})
    await stage.origin.untilRequests(1)
    await stage.close('cancel')
    expect(stage.hooks).toEqual([])
    await stage.open()
    expect(stage.hooks.map(({batch}) => batch.tasks.map(task => [task.id, task.state]))).toEqual([
      [[id, 'cancelled']]
    ])
    await stage.reopen()
    expect(stage.hooks).toHaveLength(1)
  })

  it('keeps the daemon, and its failure is said and harms nothing', async () => {
    const running = Promise.withResolvers<void>()
    const stage = await dispatcherStage({runHook: () => running.promise})
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')], {onComplete})
    await stage.ended(id)
    expect(stage.dispatcher.isIdle).toBe(false)
    const failure = new Error('there is no such program')
    running.reject(failure)
    await vi.waitUntil(() => stage.dispatcher.isIdle, patience)
    expect(stage.reports).toEqual([failure])
  })

  it('is none for a session without one', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', resource)
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.ended(id)
    expect(stage.hooks).toEqual([])
  })
})
