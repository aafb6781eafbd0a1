import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {ConfigurationChanges, DataOptions, HeaderField} from '../../../src/engine/index.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {cacheScene} from './cache-scene.ts'
import {canary} from '../../canary/canary.ts'

const cacheSecret = canary('cache')
const cacheSecret2 = canary('cache')
const cacheSecret3 = canary('cache')
const cacheSecret4 = canary('cache')
const cacheSecret5 = canary('cache')
const cacheSecret6 = canary('cache')
const cacheSecret7 = canary('cache')

const fresh = {'cache-control': 'max-age=3600'}

describe('A request', () => {
  const header = (name: string, value: string): readonly HeaderField[] => [[name, value]]

  it.each([
    ['with Authorization', header('Authorization', `Bearer ${cacheSecret}`)],
    ['with a cookie of the user', header('Cookie', `id=${cacheSecret2}`)],
    ['for a piece', header('Range', 'bytes=0-0')],
    ['with a condition of the user', header('If-None-Match', '"x"')],
    ['that forbids storing', header('Cache-Control', 'no-store')]
  ])('%s neither uses what is stored nor is its answer stored [3B 87]', async (_what, headers) => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    const ask = async () =>
      (await scene.open().get(urlRequest(scene.origin.url('/'), {headers}))).body.toString()
    expect(await ask()).toBe('1')
    expect(scene.bodies).toEqual([])
    expect(await scene.get('/')).toBe('2')
    expect(await ask()).toBe('3')
    expect(await scene.get('/')).toBe('2')
  })

  const password = {kind: 'password', user: 'ann', password: cacheSecret3} as const
  it.each<[string, ConfigurationChanges, DataOptions]>([
    ['a task', {}, {authentication: {credential: password, methods: 'preemptive'}}],
    ['the session', {credentials: {user: 'ann', password: cacheSecret4}}, {}],
    ['a token of the session', {credentials: {bearer: cacheSecret5}}, {}],
    ['a header of the session', {headers: {Authorization: `Bearer ${cacheSecret6}`}}, {}],
    ['nobody, over a connection that is not checked', {tls: {insecure: true}}, {}]
  ])('signed by %s never meets the answers to others [3B 87]', async (_who, changes, options) => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    expect(await scene.get('/')).toBe('1')
    const {body} = await scene.open(changes).get(scene.origin.url('/'), options)
    expect(body.toString()).toBe('2')
    expect(await scene.get('/')).toBe('1')
  })

  it.each(['sources', 'jar'] as const)(
    'with a file of cookies (%s) never meets the answers to others',
    async key => {
      const scene = await cacheScene()
      scene.serve('/', fresh)
      await scene.get('/')
      const path = join(scratchFolder(), 'cookies.txt')
      writeFileSync(path, `127.0.0.1\tFALSE\t/\tFALSE\t0\tid\t${cacheSecret7}\n`)
      expect(await scene.get('/', {cookies: key === 'jar' ? {jar: path} : {sources: [path]}})).toBe('2')
      expect(scene.origin.requests.at(-1)?.header('cookie')).toBe(`id=${cacheSecret7}`)
      expect(await scene.get('/')).toBe('1')
    }
  )

  it.each(['no-cache', 'max-age=0', 'No-Cache, max-stale'])(
    'that says %s is not content with what is stored',
    async control => {
      const scene = await cacheScene()
      scene.serve('/', fresh)
      await scene.get('/')
      const request = urlRequest(scene.origin.url('/'), {headers: header('Cache-Control', control)})
      expect((await scene.open().get(request)).body.toString()).toBe('2')
    }
  )

  it('that would take old content is given none', async () => {
    const scene = await cacheScene()
    scene.serve('/', {'cache-control': 'max-age=0'})
    await scene.get('/')
    const request = urlRequest(scene.origin.url('/'), {headers: header('Cache-Control', 'max-stale=3600')})
    expect((await scene.open().get(request)).body.toString()).toBe('2')
  })

  it('finds only the answer to the same values of what it varies with, and the codings it takes', async () => {
    const scene = await cacheScene()
    scene.serve('/', {...fresh, vary: 'Accept-Language'})
    const ask = async (language: string, options: DataOptions = {}) => {
      const request = urlRequest(scene.origin.url('/'), {headers: header('Accept-Language', language)})
      return (await scene.open().get(request, options)).body.toString()
    }
    expect(await ask('de')).toBe('1')
    expect(await ask('de')).toBe('1')
    expect(await ask('en')).toBe('2')
    expect(await ask('en', {decode: false})).toBe('3')
  })

  it('by another way than that of the answer does not find it', async () => {
    const scene = await cacheScene()
    scene.serve('/', fresh)
    await scene.get('/')
    const resolve = {[`127.0.0.1:${scene.origin.port}`]: ['127.0.0.1']}
    expect(await scene.get('/', {network: {resolve}})).toBe('2')
    expect(await scene.get('/')).toBe('3')
  })
})
