import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {Handler} from '../../origin/connection.ts'
import type {Fields} from '../../origin/reply.ts'
import {cacheScene} from './cache-scene.ts'
import type {CacheScene} from './cache-scene.ts'

const answer =
  (fields: Readonly<Record<string, string>>, body: string): Handler =>
  (_request, reply) =>
    reply.respond(200, {date: new Date().toUTCString(), ...fields}, body)
const notModified =
  (fields: Fields = {}): Handler =>
  (_request, reply) =>
    reply.respond(304, fields)

/** A stored answer that is over at once, and what the server says when it is asked again. */
async function stored(
  fields: Readonly<Record<string, string>>,
  ...later: readonly Handler[]
): Promise<CacheScene> {
  const scene = await cacheScene()
  scene.origin.script('/', [answer({'cache-control': 'max-age=0', ...fields}, 'old'), ...later])
  expect(await scene.get('/')).toBe('old')
  return scene
}

describe('A stored answer that is over', () => {
  it('is used again when the server confirms it by its entity tag, and lasts as long as the server says now', async () => {
    const news = {etag: '"1"', 'cache-control': 'max-age=3600', 'x-own': 'new', 'content-encoding': 'gzip'}
    const scene = await stored(
      {etag: '"1"', 'x-own': 'old', 'x-kept': 'yes'},
      notModified(news),
      answer({}, 'never')
    )
    const {outcome, body, task} = await scene.open().get(scene.origin.url('/'))
    expect(body.toString()).toBe('old')
    expect(scene.origin.requests[1]?.header('if-none-match')).toBe('"1"')
    expect(outcome).toMatchObject({state: 'completed', response: {status: 200, expectedContentLength: 3}})
    const fields = Object.fromEntries(outcome.response?.headers ?? [])
    expect(fields).toMatchObject({'x-own': 'new', 'x-kept': 'yes', 'content-length': '3'})
    expect(fields).not.toHaveProperty('content-encoding')
    expect(task.metrics?.redirectCount).toBe(0)
    expect(task.metrics?.transactionMetrics).toMatchObject([
      {resourceFetchType: 'networkLoad', status: 304},
      {resourceFetchType: 'localCache', status: 200}
    ])
    expect(await scene.get('/')).toBe('old')
    expect(scene.origin.requests).toHaveLength(2)
  })

  it('is asked about by its date where it has no tag', async () => {
    const date = 'Mon, 01 Jan 2024 00:00:00 GMT'
    const scene = await stored({'last-modified': date}, notModified())
    expect(await scene.get('/')).toBe('old')
    expect(scene.origin.requests[1]?.header('if-modified-since')).toBe(date)
  })

  it('gives way to the new one that the server sends instead', async () => {
    const scene = await stored({etag: '"1"'}, answer({etag: '"2"', 'cache-control': 'max-age=3600'}, 'new'))
    expect(await scene.get('/')).toBe('new')
    expect(await scene.get('/')).toBe('new')
    expect(scene.origin.requests).toHaveLength(2)
  })

  it.each([
    ['another version', notModified({etag: '"2"'})],
    ['another address', ((_request, reply) => reply.respond(302, {location: '/other'})) satisfies Handler]
  ])(
    'is not believed to be confirmed by a 304 of %s: the server is asked once more [CVE 56]',
    async (_what, later) => {
      const scene = await stored({etag: '"1"'}, later, answer({}, 'new'))
      scene.origin.on('/other', notModified())
      expect(await scene.get('/')).toBe('new')
      expect(scene.origin.requestsOf('/').at(-1)?.header('if-none-match')).toBeUndefined()
    }
  )

  it('is forgotten when the server confirms it for the last time', async () => {
    const scene = await stored({etag: '"1"'}, notModified({'cache-control': 'no-store'}), answer({}, 'new'))
    expect(await scene.get('/')).toBe('old')
    expect(scene.bodies).toEqual([])
    expect(await scene.get('/')).toBe('new')
  })

  it('is not used where the server cannot be asked', async () => {
    const scene = await stored({etag: '"1"'}, (_request, reply) => reply.respond(503))
    const {outcome, body} = await scene.open().get(scene.origin.url('/'))
    expect(outcome.error).toMatchObject({code: 'HTTP_STATUS', status: 503})
    expect(body.length).toBe(0)
  })

  it('is asked about, fresh or not, by the policy revalidate', async () => {
    const scene = await stored({etag: '"1"', 'cache-control': 'max-age=3600'}, notModified())
    expect(await scene.get('/')).toBe('old')
    expect(scene.origin.requests).toHaveLength(1)
    expect(await scene.get('/', {cache: {policy: 'revalidate'}})).toBe('old')
    expect(scene.origin.requests).toHaveLength(2)
  })

  it('stays what it was where nothing may be stored, and may still be used', async () => {
    const scene = await stored({etag: '"1"'}, notModified({'cache-control': 'max-age=3600'}), notModified())
    expect(await scene.get('/', {cache: {store: false}})).toBe('old')
    expect(await scene.get('/')).toBe('old')
    expect(scene.origin.requests).toHaveLength(3)
  })
})

describe('A condition of the user', () => {
  it('is answered by the server alone: its 304 is the result', async () => {
    const scene = await stored({etag: '"1"'}, notModified())
    const request = urlRequest(scene.origin.url('/'), {headers: [['If-None-Match', '"1"']]})
    const {outcome, body} = await scene.open().get(request)
    expect(outcome).toMatchObject({state: 'completed', response: {status: 304}})
    expect(body.length).toBe(0)
  })
})
