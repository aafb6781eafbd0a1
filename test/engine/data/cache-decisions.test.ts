import {existsSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {CacheDecision, SessionDelegate} from '../../../src/engine/index.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {cacheScene} from './cache-scene.ts'

const fresh = {'cache-control': 'max-age=3600'}

describe('The delegate', () => {
  it.each<[CacheDecision, number]>([
    ['store', 1],
    ['memory', 0],
    ['deny', 0]
  ])('decides about an answer: %s leaves %d files [R48, R14, 3D 108]', async (decision, files) => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const recorded = scene.open({}, {delegate: {willCacheResponse: () => decision}})
    const ask = async () => (await recorded.get(scene.origin.url('/'))).body.toString()
    expect(await ask()).toBe('1')
    expect(recorded.calls.filter(({name}) => name === 'didDecideCaching')).toMatchObject([
      {value: {size: 1, decision, response: {status: 200}}}
    ])
    expect(scene.bodies).toHaveLength(files)
    expect(await ask()).toBe(decision === 'deny' ? '2' : '1')
    expect(await scene.get('/')).toBe(decision === 'store' ? '1' : decision === 'memory' ? '2' : '3')
  })

  it('is asked once, when the answer is whole, and not about what may not be stored', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    scene.serve('/no', {'cache-control': 'no-store'})
    const recorded = scene.open({}, {delegate: {willCacheResponse: () => 'store'}})
    const {task} = await recorded.get(scene.origin.url('/'))
    const order = recorded.order(task)
    expect(order.indexOf('willCacheResponse')).toBeGreaterThan(order.indexOf('didReceiveData'))
    expect(order.indexOf('didDecideCaching')).toBe(order.indexOf('willCacheResponse') + 1)
    await recorded.get(scene.origin.url('/'))
    await recorded.get(scene.origin.url('/no'))
    expect(recorded.count('willCacheResponse')).toBe(1)
  })

  it('is told what is stored without being asked', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const recorded = scene.open()
    await recorded.get(scene.origin.url('/'))
    expect(recorded.calls.find(({name}) => name === 'didDecideCaching')?.value).toMatchObject({
      decision: 'store'
    })
  })

  it('is asked about nothing where nothing may be stored, but what is stored is used [R14]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const recorded = scene.open({cache: {store: false}}, {delegate: {willCacheResponse: () => 'store'}})
    await recorded.get(scene.origin.url('/'))
    expect(recorded.count('didDecideCaching')).toBe(0)
    expect(existsSync(`${scene.folder}/stores.sqlite`)).toBe(false)
    expect(await scene.get('/')).toBe('2')
    expect((await recorded.get(scene.origin.url('/'))).body.toString()).toBe('2')
  })

  it('may refuse a stored answer like any other [R41, 3C 93]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const recorded = scene.open({}, {delegate: {didReceiveResponse: () => 'cancel'}})
    const {outcome, body} = await recorded.get(scene.origin.url('/'))
    expect(outcome).toMatchObject({state: 'cancelled'})
    expect(body.length).toBe(0)
    expect(recorded.count('didCompleteWithError')).toBe(1)
  })
})

describe('A file', () => {
  it('never comes from the cache and is never stored [R7, R48]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const recorded = scene.open()
    const download = async (fileName: string) => {
      const task = recorded.session.downloadTask(urlRequest(scene.origin.url('/')), {
        directory: scratchFolder(),
        fileName
      })
      task.resume()
      return readFileSync((await task.outcome).path ?? '', 'utf8')
    }
    expect(await download('a')).toBe('1')
    expect(scene.bodies).toEqual([])
    await recorded.get(scene.origin.url('/'))
    expect(await download('b')).toBe('3')
  })

  it('that content becomes comes from the server, although an answer is stored [R42]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const recorded = scene.open({}, {delegate: {didReceiveResponse: () => 'becomeDownload'}})
    const {task} = await recorded.get(scene.origin.url('/'), {download: {directory: scratchFolder()}})
    const outcome = await task.download?.outcome
    expect(readFileSync(outcome?.path ?? '', 'utf8')).toBe('2')
  })

  it('cannot come from a session that may not ask the server', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const delegate: SessionDelegate = {didReceiveResponse: () => 'becomeDownload'}
    const recorded = scene.open({cache: {policy: 'cacheOnly'}}, {delegate})
    const {outcome} = await recorded.get(scene.origin.url('/'), {download: {directory: scratchFolder()}})
    expect(outcome.error?.code).toBe('REFUSED')
    expect(scene.origin.requests).toHaveLength(1)
  })
})
