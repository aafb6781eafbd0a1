import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../../src/engine/index.ts'
import type {SessionDelegate} from '../../../src/engine/index.ts'
import {cacheScene} from './cache-scene.ts'
import {canary} from '../../canary/canary.ts'

const cookieSecret = canary('cookie')
const cacheSecret = canary('cache')
const cacheSecret2 = canary('cache')

const fresh = {'cache-control': 'max-age=3600'}
const passed = new Date(Date.now() - 1000).toUTCString()

describe('An answer of the server', () => {
  it('is used again by the next process as long as the server said, and nobody is asked [R7]', async () => {
    const scene = await cacheScene()
    scene.serve('/', {...fresh, 'content-type': 'text/plain'})
    const first = await scene.open().get(scene.origin.url('/'))
    const second = await scene.open().get(scene.origin.url('/#part'))
    expect([first.body.toString(), second.body.toString()]).toEqual(['1', '1'])
    expect(second.outcome).toMatchObject({
      state: 'completed',
      response: {status: 200, expectedContentLength: 1}
    })
    const fields = Object.fromEntries(second.outcome.response?.headers ?? [])
    expect(fields).toMatchObject({'content-type': 'text/plain', age: expect.stringMatching(/^[0-9]+$/)})
    expect(scene.origin.requests).toHaveLength(1)
  })

  it('that was stored comes in the order of any other, and the metrics say from where', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const recorded = scene.open()
    const {task} = await recorded.get(scene.origin.url('/'))
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didReceiveResponse',
      'didReceiveData',
      'didWriteData',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
    expect(task.metrics).toMatchObject({
      redirectCount: 0,
      transactionMetrics: [{resourceFetchType: 'localCache', status: 200, connectStart: undefined}]
    })
  })

  it.each(['max-age=3600, must-revalidate', 'Max-Age="3600", private="x"', 'public, max-age=3600'])(
    'that says %s is used again',
    async control => {
      const scene = await cacheScene()
      scene.serve('/', {'cache-control': control})
      await scene.get('/')
      expect(await scene.get('/')).toBe('1')
    }
  )

  it.each([
    ['says no-store', {'cache-control': 'max-age=3600, No-Store'}],
    ['says no-cache', {'cache-control': 'no-cache, max-age=3600'}],
    ['says so the old way', {pragma: 'no-cache', expires: new Date(Date.now() + 60_000).toUTCString()}],
    ['has a max-age that is over', {'cache-control': 'max-age=60', age: '60'}],
    ['has two that differ', {'cache-control': 'max-age=3600, max-age=0'}],
    ['has expired', {expires: passed}],
    ['has expired before time began', {expires: '0'}],
    ['is old already', {'cache-control': 'max-age=60', date: new Date(Date.now() - 61_000).toUTCString()}],
    ['only says when it was modified', {'last-modified': 'Mon, 01 Jan 2001 00:00:00 GMT'}],
    ['is immutable for no time', {'cache-control': 'immutable'}],
    [
      'may be used stale for a while',
      {'cache-control': 'max-age=0, stale-while-revalidate=3600, stale-if-error=3600'}
    ],
    ['says nothing', {}],
    ['varies with anything', {...fresh, vary: '*'}],
    ['varies with cookies', {...fresh, vary: 'Accept, Cookie'}],
    ['sets a cookie', {...fresh, 'set-cookie': `id=${cookieSecret}`}],
    ['asks who is there', {...fresh, 'www-authenticate': 'Basic realm="x"'}],
    ['is a piece', {...fresh, 'content-range': 'bytes 0-0/1'}]
  ])('that %s is not used again: the second get comes to the server [3B 87]', async (_what, fields) => {
    const scene = await cacheScene()
    scene.serve('/', fields)
    expect(await scene.get('/')).toBe('1')
    expect(await scene.get('/')).toBe('2')
    expect(scene.origin.requests).toHaveLength(2)
  })

  it.each([203, 204, 206, 301, 404, 410, 500])('with status %d is not stored [3B 87]', async status => {
    const scene = await cacheScene()
    scene.origin.on('/', (_request, reply) => reply.respond(status, fresh, status === 204 ? '' : 'x'))
    await scene.open().get(scene.origin.url('/'), {httpErrors: 'deliver'})
    expect(scene.bodies).toEqual([])
  })

  it('whose end is not proven is not stored', async () => {
    const scene = await cacheScene()
    scene.origin.serve('/', {body: 'x', framing: 'close', headers: fresh})
    expect(await scene.get('/')).toBe('x')
    expect(scene.bodies).toEqual([])
    scene.origin.serve('/', {body: 'x', framing: 'chunked', headers: fresh})
    expect(await scene.get('/')).toBe('x')
    expect(scene.bodies).toHaveLength(1)
  })

  it('that breaks off is not stored', async () => {
    const scene = await cacheScene()
    scene.origin.serve('/', {body: 'xxxx', headers: fresh, fault: {cutAfter: 2}})
    const {outcome} = await scene.open().get(scene.origin.url('/'))
    expect(outcome.state).toBe('failed')
    expect(scene.bodies).toEqual([])
  })

  it('that came after a redirection is not stored, nor is the redirection', async () => {
    const scene = await cacheScene()
    scene.origin.on('/from', (_request, reply) => reply.respond(302, {...fresh, location: '/to'}))
    scene.serve('/to', fresh)
    expect(await scene.get('/from')).toBe('1')
    expect(await scene.get('/from')).toBe('2')
    expect(await scene.get('/to')).toBe('3')
    expect(scene.bodies).toHaveLength(1)
  })

  it('to POST is not stored, and ends what was stored of its address', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const {body} = await scene.open().get(urlRequest(scene.origin.url('/'), {method: 'POST'}))
    expect(body.toString()).toBe('2')
    expect(await scene.get('/')).toBe('3')
  })

  it('to somebody who has answered a challenge is not stored [3B 87]', async () => {
    const scene = await cacheScene()
    scene.origin.on('/', (request, reply) =>
      request.header('authorization') === undefined
        ? reply.respond(401, {'www-authenticate': 'Basic realm="x"'})
        : reply.respond(200, fresh, 'for ann')
    )
    const credential = {kind: 'password', user: 'ann', password: cacheSecret} as const
    const delegate: SessionDelegate = {
      didReceiveChallenge: () => ({disposition: 'useCredential', credential})
    }
    const session = new Session(SessionConfiguration.default(), delegate, {
      stores: {folder: scene.folder, report: () => {}}
    })
    const task = session.dataTask(urlRequest(scene.origin.url('/')))
    task.resume()
    expect(await task.outcome).toMatchObject({state: 'completed', response: {status: 200}})
    await session.finishTasksAndInvalidate()
    expect(scene.bodies).toEqual([])
  })

  it('leaves nothing of its address in the index, which may hold a secret', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get(`/?sig=${cacheSecret2}`)
    const files = ['stores.sqlite', 'stores.sqlite-wal'].map(name => join(scene.folder, name))
    const index = Buffer.concat(files.filter(path => existsSync(path)).map(path => readFileSync(path)))
    expect(index.includes('cached_answers')).toBe(true)
    expect(index.includes(cacheSecret2)).toBe(false)
    expect(await scene.get(`/?sig=${cacheSecret2}`)).toBe('1')
  })

  it('that is larger than allowed is not stored', async () => {
    const scene = await cacheScene()
    scene.origin.serve('/', {body: 'x'.repeat(2000), headers: fresh})
    await scene.get('/', {limits: {maxFileSize: 1000}})
    expect(scene.bodies).toEqual([])
  })

  it('does not stay behind one that may not be stored', async () => {
    const scene = await cacheScene()
    scene.origin.script('/', [
      (_request, reply) => reply.respond(200, fresh, 'old'),
      (_request, reply) => reply.respond(200, {'cache-control': 'no-store'}, 'new')
    ])
    await scene.get('/')
    expect(await scene.get('/', {cache: {policy: 'reload'}})).toBe('new')
    expect(scene.bodies).toEqual([])
  })
})

describe('Content that was stored encoded', () => {
  it('is decoded as it was the first time', async () => {
    const {gzipSync} = await import('node:zlib')
    const scene = await cacheScene()
    scene.origin.on('/', (_request, reply) =>
      reply.respond(200, {...fresh, 'content-encoding': 'gzip'}, gzipSync('Hello World!'))
    )
    expect(await scene.get('/')).toBe('Hello World!')
    expect(await scene.get('/')).toBe('Hello World!')
    expect(scene.origin.requests).toHaveLength(1)
  })
})
