import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {recordedSession} from '../recorded-session.ts'
import {startProxy} from './scripted-proxy.ts'
import {startSocks} from './scripted-socks.ts'

const plain = {} as const
const secure = {tls: 'good'} as const

async function originWith(options: {tls?: 'good'}): Promise<Origin> {
  const origin = await startOrigin(options)
  origin.on('/', respond(200, {}, 'through'))
  return origin
}

describe('a request through a proxy', () => {
  it('for an http address names the whole address, and its host to the origin [P11]', async () => {
    await using origin = await originWith(plain)
    const proxy = await startProxy()
    const recorded = recordedSession({proxy: {url: proxy.url}})
    const url = origin.url('/', 'elsewhere.invalid')
    const {outcome, body} = await recorded.get(`${url}?q=1`)
    expect(outcome.error).toBeUndefined()
    expect(body.toString()).toBe('through')
    expect(proxy.asked).toEqual([`GET ${url}?q=1 HTTP/1.1`])
    expect(origin.requests[0]).toMatchObject({target: '/?q=1'})
    expect(origin.requests[0]?.header('host')).toBe(new URL(url).host)
  })

  it.each([['http', {}] as const, ['https', {tls: 'good'}] as const])(
    'for an https address goes through a tunnel of an %s proxy, and the origin shows its own certificate [P11]',
    async (_kind, options) => {
      await using origin = await originWith(secure)
      const proxy = await startProxy(options)
      const recorded = recordedSession({proxy: {https: proxy.url}})
      const {outcome, body, task} = await recorded.get(origin.url('/', 'localhost'))
      expect(outcome.error).toBeUndefined()
      expect(body.toString()).toBe('through')
      expect(proxy.asked).toEqual([`CONNECT localhost:${origin.port} HTTP/1.1`])
      expect(origin.requests[0]?.handshake?.serverName).toBe('localhost')
      expect(task.metrics?.transactionMetrics[0]).toMatchObject({remotePort: proxy.port})
    }
  )

  it('for an http address is asked of an https proxy in TLS', async () => {
    await using origin = await originWith(plain)
    const proxy = await startProxy(secure)
    const {body} = await recordedSession({proxy: {url: proxy.url}}).get(origin.url('/'))
    expect(body.toString()).toBe('through')
    expect(proxy.asked).toEqual([`GET ${origin.url('/')} HTTP/1.1`])
  })

  it.each([
    ['http', plain],
    ['https', secure]
  ])('for an %s address can go through SOCKS5, which looks the name up', async (_kind, options) => {
    await using origin = await originWith(options)
    const proxy = await startSocks()
    const recorded = recordedSession({proxy: {url: proxy.url}, tls: {insecure: true}})
    const {outcome, body} = await recorded.get(origin.url('/', 'elsewhere.invalid'))
    expect(outcome.error).toBeUndefined()
    expect(body.toString()).toBe('through')
    expect(proxy.targets).toEqual([`elsewhere.invalid:${origin.port}`])
  })

  it.each([
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]', '::1'],
    ['::ffff:7f00:1', '[::ffff:127.0.0.1]', '::ffff:7f00:1']
  ])('gives SOCKS5 an address as an address: %s', async (_address, host, target) => {
    await using origin = await originWith(plain)
    const proxy = await startSocks()
    const {body} = await recordedSession({proxy: {url: proxy.url}}).get(origin.url('/', host))
    expect(body.toString()).toBe('through')
    expect(proxy.targets).toEqual([`${target}:${origin.port}`])
  })

  it('is not made for a host that is asked directly; another one is [P11]', async () => {
    await using origin = await originWith(plain)
    const proxy = await startProxy()
    const recorded = recordedSession({proxy: {url: proxy.url, noProxy: ['127.0.0.1']}})
    await recorded.get(origin.url('/'))
    expect(proxy.heads).toEqual([])
    await recorded.get(origin.url('/', 'localhost'))
    expect(proxy.asked).toEqual([`GET ${origin.url('/', 'localhost')} HTTP/1.1`])
  })
})

const ways = [
  ['directly', 'http', 'none'],
  ['forwarded', 'http', 'http'],
  ['forwarded over TLS', 'http', 'https'],
  ['in a tunnel', 'https', 'http'],
  ['in a tunnel over TLS', 'https', 'https'],
  ['through SOCKS5', 'http', 'socks5'],
  ['through SOCKS5, with TLS inside', 'https', 'socks5']
] as const

describe.each(ways)('content that comes %s', (_way, scheme, kind) => {
  async function proxyUrl(): Promise<string> {
    if (kind === 'none') return kind
    if (kind === 'socks5') return (await startSocks()).url
    return (await startProxy(kind === 'https' ? secure : plain)).url
  }

  it('is whole, long or short, one after the other', async () => {
    await using origin = await startOrigin(scheme === 'https' ? secure : plain)
    const lengths = [0, 1, 1000, 70_000, 1 << 20, 3_000_000, 100, 5_000_001]
    for (const length of lengths) origin.serve(`/${length}`, {body: seededBytes(length, 1 + length)})
    origin.split = 20_000
    const recorded = recordedSession({proxy: {url: await proxyUrl()}, maxConnectionsPerHost: 1})
    const directory = scratchFolder()
    for (const length of lengths) {
      const options = {directory, fileName: String(length), flush: 'never'} as const
      const task = recorded.session.downloadTask(urlRequest(origin.url(`/${length}`)), options)
      task.resume()
      const outcome = await task.outcome
      expect(outcome.error).toBeUndefined()
      expect(readFileSync(outcome.path ?? '').equals(seededBytes(length, 1 + length))).toBe(true)
    }
  })

  it('is held back by a slow delegate without loss', async () => {
    await using origin = await startOrigin(scheme === 'https' ? secure : plain)
    const body = seededBytes(1_500_000, 5)
    origin.serve('/', {body})
    let pieces = 0
    const slow = (): Promise<void> | undefined =>
      pieces++ % 10 === 0 ? new Promise(resolve => setTimeout(resolve, 2)) : undefined
    const recorded = recordedSession({proxy: {url: await proxyUrl()}}, {didReceiveData: slow})
    const received = await recorded.get(origin.url('/'))
    expect(received.outcome.error).toBeUndefined()
    expect(received.body.equals(body)).toBe(true)
  })
})
