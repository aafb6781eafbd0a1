import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {SessionConfiguration} from '../../src/engine/index.ts'
import type {CachePolicy} from '../../src/engine/index.ts'
import {RecordedSession} from '../engine/recorded-session.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startHttpbin} from './httpbin.ts'
import type {Httpbin} from './httpbin.ts'
import {startNginx} from './nginx.ts'
import type {Nginx} from './nginx.ts'

let httpbin: Httpbin
let nginx: Nginx
let folder: string

const locations = `
  location /lasting/ { alias ROOT/; expires 1h; }
  location /over/ { alias ROOT/; expires -1; }
  location /private/ { alias ROOT/; add_header Cache-Control "no-store"; }
  location /zipped/ { alias ROOT/; expires 1h; gzip on; gzip_types text/plain; gzip_min_length 1; gzip_vary on; }
`

beforeAll(async () => {
  ;[httpbin, nginx] = await Promise.all([startHttpbin(), startNginx({locations})])
}, 60_000)
afterAll(() => Promise.all([httpbin?.close(), nginx?.close()]))
beforeEach(() => {
  folder = scratchFolder()
})

interface Got {
  readonly text: string
  /** Of each transaction: the status of the server, or cache. */
  readonly way: readonly (number | 'cache' | undefined)[]
}

/** What a session of its own, over the stores of this test, gets from an address. */
async function get(url: string, policy: CachePolicy = 'protocol'): Promise<Got> {
  const configuration = SessionConfiguration.default({cache: {policy}, retry: {attempts: 0}})
  const recorded = new RecordedSession(configuration, {}, {stores: {folder, report: () => {}}})
  const {task, outcome, body} = await recorded.get(url)
  await recorded.session.finishTasksAndInvalidate()
  expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
  const way = task.metrics?.transactionMetrics.map(({resourceFetchType, status}) =>
    resourceFetchType === 'localCache' ? ('cache' as const) : status
  )
  return {text: body.toString(), way: way ?? []}
}

describe('nginx', () => {
  beforeEach(() => nginx.write('page.txt', Buffer.from('first')))

  it('is not asked for what it lets last, until the user wants it asked [R7, P2]', async () => {
    const url = nginx.url('/lasting/page.txt')
    expect(await get(url)).toEqual({text: 'first', way: [200]})
    expect(await get(url)).toEqual({text: 'first', way: ['cache']})
    expect(await get(url, 'revalidate')).toEqual({text: 'first', way: [304, 'cache']})
    nginx.write('page.txt', Buffer.from('second'), new Date('2024-06-07T08:09:10Z'))
    expect(await get(url)).toEqual({text: 'first', way: ['cache']})
    expect(await get(url, 'reload')).toEqual({text: 'second', way: [200]})
    expect(await get(url, 'cacheOnly')).toEqual({text: 'second', way: ['cache']})
  })

  it('confirms by ETag and date what is over, and sends what has changed', async () => {
    const url = nginx.url('/over/page.txt')
    expect(await get(url)).toEqual({text: 'first', way: [200]})
    expect(await get(url)).toEqual({text: 'first', way: [304, 'cache']})
    nginx.write('page.txt', Buffer.from('third'), new Date('2024-06-07T08:09:10Z'))
    expect(await get(url)).toEqual({text: 'third', way: [200]})
    expect(await get(url)).toEqual({text: 'third', way: [304, 'cache']})
  })

  it('is asked every time for what it forbids to store', async () => {
    const url = nginx.url('/private/page.txt')
    expect(await get(url)).toEqual({text: 'first', way: [200]})
    expect(await get(url)).toEqual({text: 'first', way: [200]})
    expect(await get(url, 'cacheElseLoad')).toEqual({text: 'first', way: [200]})
  })

  it('compresses for a data task, whose stored answer is decoded again [3A 11]', async () => {
    const text = 'a line that can be compressed\n'.repeat(3000)
    nginx.write('page.txt', Buffer.from(text))
    const url = nginx.url('/zipped/page.txt')
    expect(await get(url)).toEqual({text, way: [200]})
    expect(await get(url)).toEqual({text, way: ['cache']})
    expect(await get(url, 'revalidate')).toEqual({text, way: [304, 'cache']})
  })
})

describe('httpbin', () => {
  it('is asked once a minute for /cache/60, and each time for a confirmation of /cache', async () => {
    expect((await get(httpbin.url('/cache/60'))).way).toEqual([200])
    expect((await get(httpbin.url('/cache/60'))).way).toEqual(['cache'])
    const first = await get(httpbin.url('/cache'))
    expect(await get(httpbin.url('/cache'))).toEqual({text: first.text, way: [304, 'cache']})
  })

  it('confirms /etag/known by its tag', async () => {
    const first = await get(httpbin.url('/etag/known'))
    expect(await get(httpbin.url('/etag/known'))).toEqual({text: first.text, way: [304, 'cache']})
  })

  it.each(['gzip', 'deflate', 'brotli'])(
    'sends /%s encoded, which comes decoded [3A 11, 3A 12]',
    async coding => {
      const {text} = await get(httpbin.url(`/${coding}`))
      expect(JSON.parse(text)).toMatchObject({method: 'GET'})
    }
  )
})
