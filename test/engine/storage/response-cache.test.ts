import {chmodSync, mkdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import {ResponseCache} from '../../../src/engine/storage/response-cache.ts'
import {cacheScene} from '../data/cache-scene.ts'
import type {CacheScene} from '../data/cache-scene.ts'

const fresh = {'cache-control': 'max-age=3600'}

/** Serves so many bytes that begin with the number of the request. */
function serveBytes({origin}: CacheScene, path: string, size: number): void {
  let count = 0
  origin.on(path, (_request, reply) => {
    count += 1
    return reply.respond(200, {...fresh, date: new Date().toUTCString()}, `${count}`.padEnd(size, '.'))
  })
}

const numberOf = (body: string): string => body.replace(/\.+$/, '')

describe('A stored answer', () => {
  it('comes back with status, fields and body as they were, and its files are for this user alone [3B 86]', async () => {
    const scene = await cacheScene()
    const body = Buffer.from(Array.from({length: 256}, (_, index) => index))
    scene.origin.on('/', (_request, reply) =>
      reply.respond(200, {...fresh, 'x-own': 'a "b"', connection: 'x-hop', 'x-hop': '1'}, body)
    )
    await scene.get('/')
    const stored = await scene.open().get(scene.origin.url('/'))
    expect(stored.body.equals(body)).toBe(true)
    expect(Object.fromEntries(stored.outcome.response?.headers ?? [])).toMatchObject({'x-own': 'a "b"'})
    const names = stored.outcome.response?.headers.map(([name]) => name)
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:connection|x-hop)$/)]))
    const [file = ''] = scene.bodies
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    expect(file).not.toContain('shared')
  })

  it('is one for an address, the newest [3B 86]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    await scene.get('/', {cache: {policy: 'reload'}})
    expect(scene.bodies.map(path => readFileSync(path, 'utf8'))).toEqual(['2'])
    expect(await scene.get('/')).toBe('2')
  })

  it('is not put on disk where there is no room for any, nor in memory where that has none [3B 86, P20]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const inMemory = scene.open({cache: {diskBytes: 0}})
    const ask = async () => (await inMemory.get(scene.origin.url('/'))).body.toString()
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    expect(scene.bodies).toEqual([])
    const nowhere = scene.open({cache: {diskBytes: 0, memoryBytes: 0}})
    await nowhere.get(scene.origin.url('/'))
    expect((await nowhere.get(scene.origin.url('/'))).body.toString()).toBe('3')
    expect(nowhere.count('didDecideCaching')).toBe(0)
  })

  it('of a session in memory ends with it [R8]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const ephemeral = scene.open({}, {kind: 'ephemeral'})
    const ask = async () => (await ephemeral.get(scene.origin.url('/'))).body.toString()
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    expect((await scene.open({}, {kind: 'ephemeral'}).get(scene.origin.url('/'))).body.toString()).toBe('2')
    expect(scene.bodies).toEqual([])
  })

  it('is not larger than a tenth of its store', async () => {
    const scene = await cacheScene()
    serveBytes(scene, '/large', 10_001)
    serveBytes(scene, '/small', 5000)
    const cache = {diskBytes: 100_000, memoryBytes: 0}
    await scene.get('/large', {cache})
    expect(scene.bodies).toEqual([])
    await scene.get('/small', {cache})
    expect(scene.bodies).toHaveLength(1)
  })

  it('makes room for others when it was used longest ago [P20]', async () => {
    const scene = await cacheScene()
    const cache = {diskBytes: 100_000, memoryBytes: 0}
    for (let index = 0; index < 12; index++) {
      serveBytes(scene, `/${index}`, 9000)
      await scene.get(`/${index}`, {cache})
    }
    expect(scene.bodies.length).toBeLessThan(11)
    expect(numberOf(await scene.get('/11', {cache}))).toBe('1')
    expect(numberOf(await scene.get('/0', {cache}))).toBe('2')
  })

  it('of before goes where the next session has less room [3B 86, P20]', async () => {
    const scene = await cacheScene()
    for (const path of ['/a', '/b']) serveBytes(scene, path, 9000)
    await scene.get('/a')
    await scene.get('/b')
    expect(scene.bodies).toHaveLength(2)
    expect(numberOf(await scene.get('/b', {cache: {diskBytes: 12_000}}))).toBe('1')
    expect(scene.bodies).toHaveLength(1)
    await scene.get('/b', {cache: {diskBytes: 0}})
    expect(scene.bodies).toEqual([])
  })

  it('of one session is unknown to any other', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    expect((await scene.open({}, {name: 'other/../name'}).get(scene.origin.url('/'))).body.toString()).toBe(
      '2'
    )
  })

  it('is gone after a reset, with its file; another session keeps its own [3B 86, R62]', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const other = scene.open({}, {name: 'other'})
    await other.get(scene.origin.url('/'))
    const recorded = scene.open({}, {delegate: {willCacheResponse: () => 'store'}})
    await recorded.get(scene.origin.url('/'))
    await recorded.session.reset()
    expect(scene.bodies).toHaveLength(1)
    expect(await scene.get('/')).toBe('3')
    expect((await other.get(scene.origin.url('/'))).body.toString()).toBe('1')
  })
})

describe('A background session', () => {
  it('has no cache: nothing fits, and nothing is found [3C 96]', async () => {
    const {keys} = SessionConfiguration.default()
    const open = (kind: 'default' | 'background') =>
      new ResponseCache({
        configuration: {kind, keys},
        name: 'x',
        folder: undefined,
        database: undefined,
        report: () => {}
      })
    const key = {url: 'http://127.0.0.1/', fields: {}, way: ''}
    const head = {
      status: 200,
      statusText: '',
      headers: [],
      varying: {},
      way: '',
      requestTime: 0,
      responseTime: 0
    }
    for (const kind of ['default', 'background'] as const) {
      const cache = open(kind)
      await cache.store(key.url, {head, body: Buffer.from('x')}, 'memory')
      expect(cache.longestBody > 0).toBe(kind === 'default')
      expect((await cache.find(key)) !== undefined).toBe(kind === 'default')
    }
  })
})

describe('A body on disk', () => {
  it.each([
    ['changed', (path: string) => writeFileSync(path, 'X')],
    ['cut', (path: string) => truncateSync(path, 0)],
    [
      'made unreadable',
      (path: string) => {
        chmodSync(path, 0o600)
        writeFileSync(path, 'other')
        chmodSync(path, 0)
      }
    ]
  ])('that was %s is never used: it goes, and the server is asked', async (_how, damage) => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const [path = ''] = scene.bodies
    damage(path)
    expect(await scene.get('/')).toBe('2')
    expect(scene.bodies).not.toContain(path)
    expect(await scene.get('/')).toBe('2')
  })

  it('that nobody names is removed after an hour, and not before', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const folder = dirname(scene.bodies[0] ?? '')
    const past = new Date(Date.now() - 2 * 3_600_000)
    for (const name of ['old', 'old.tmp', 'new']) writeFileSync(join(folder, name), 'x')
    for (const name of ['old', 'old.tmp', '.swept']) utimesSync(join(folder, name), past, past)
    utimesSync(scene.bodies.find(path => !/old|new/.test(path)) ?? '', past, past)
    await scene.get('/', {cache: {policy: 'reload'}})
    const left = scene.bodies.map(path => path.slice(folder.length + 1))
    expect(left).toHaveLength(2)
    expect(left).toContain('new')
  })
})

describe('A store that cannot be used', () => {
  it('is told of once, and no transfer fails of it', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    mkdirSync(join(scene.folder, 'stores.sqlite'))
    const recorded = scene.open()
    expect((await recorded.get(scene.origin.url('/'))).outcome.state).toBe('completed')
    expect((await recorded.get(scene.origin.url('/'))).body.toString()).toBe('2')
    expect(scene.reports.length).toBeGreaterThan(0)
    expect(scene.reports.filter(({message}) => message.includes('cache'))).toHaveLength(1)
    expect(scene.bodies).toEqual([])
  })

  it('is not even opened where nothing may be stored and nothing is', async () => {
    const scene = await cacheScene()
    scene.serve('/', {'cache-control': 'no-store'})
    scene.serve('/silent', {})
    await scene.get('/')
    await scene.get('/silent')
    expect(() => statSync(join(scene.folder, 'stores.sqlite'))).toThrow('ENOENT')
  })
})
