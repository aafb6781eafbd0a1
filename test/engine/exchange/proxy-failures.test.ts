import {once} from 'node:events'
import {createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {canary} from '../../canary/canary.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {freePort} from '../../servers/program.ts'
import {recordedSession} from '../recorded-session.ts'
import {startProxy} from './scripted-proxy.ts'
import {startSocks} from './scripted-socks.ts'

const secure = 'https://127.0.0.1:9/'
// Longer than any label can be: nobody has to be asked for it.
const impossibleName = `${'x'.repeat(64)}.localhost`
const plain = 'http://127.0.0.1:9/'

describe('a proxy', () => {
  it.each([plain, secure])('whose name does not exist ends the task with its name, for %s', async url => {
    const {outcome} = await recordedSession({proxy: {url: `http://${impossibleName}:3128`}}).get(url)
    expect(outcome.error?.code).toBe('PROXY_NOT_RESOLVED')
    expect(outcome.error?.message).toContain(`${impossibleName}:3128`)
  })

  it.each([plain, secure])('that nobody answers for is named, for %s', async url => {
    const port = await freePort()
    const {outcome} = await recordedSession({proxy: {url: `http://127.0.0.1:${port}`}}).get(url)
    expect(outcome.error).toMatchObject({code: 'CONNECT_FAILED', url})
    expect(outcome.error?.message).toBe(`The proxy 127.0.0.1:${port} refused the connection`)
  })

  it('is found under the addresses that are fixed for it', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'through'))
    const {port} = await startProxy()
    const network = {resolve: {[`proxy.test:${port}`]: ['127.0.0.1']}}
    const proxy = {url: `http://proxy.test:${port}`}
    expect((await recordedSession({proxy, network}).get(origin.url('/'))).body.toString()).toBe('through')
  })

  it.each([403, 502, 503])(
    'that refuses a tunnel with %i says so, and nothing is sent through it',
    async status => {
      const proxy = await startProxy({
        objection: () => `HTTP/1.1 ${status} No way\r\nContent-Length: 3\r\n\r\nno!`
      })
      const {outcome} = await recordedSession({proxy: {url: proxy.url}}).get(secure)
      expect(outcome.error).toMatchObject({code: 'PROXY_HANDSHAKE', url: secure})
      expect(outcome.error?.message).toContain(`answered ${status} No way`)
      expect(proxy.heads).toHaveLength(1)
    }
  )

  it.each([
    ['hangs up', '', 'closed the connection'],
    ['does not speak HTTP', 'SSH-2.0-x\r\n\r\n', 'does not answer in HTTP'],
    ['talks on behind its answer', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'nobody had asked for']
  ])('that %s ends the task', async (_what, words, why) => {
    const proxy = await startSilent(words)
    const {outcome} = await recordedSession({proxy: {url: proxy}}).get(secure)
    expect(outcome.error?.code).toBe('PROXY_HANDSHAKE')
    expect(outcome.error?.message).toContain(why)
  })

  it('that answers CONNECT with headers without end is hung up on [CVE 51]', async () => {
    let sent = 0
    const proxy = await startProxy({
      objection: () => {
        sent += 1
        return `HTTP/1.1 200 OK\r\n${`X-Flood: ${'a'.repeat(1000)}\r\n`.repeat(2000)}`
      }
    })
    const {outcome} = await recordedSession({proxy: {url: proxy.url}}).get(secure)
    expect(outcome.error?.code).toBe('HEADERS_TOO_LARGE')
    expect(sent).toBe(1)
  })

  it('that never answers CONNECT takes no longer than a connection may', async () => {
    const proxy = await startProxy({objection: () => ''})
    const recorded = recordedSession({proxy: {url: proxy.url}, timeouts: {connect: 0.2}})
    const {outcome} = await recorded.get(secure)
    expect(outcome.error?.code).toBe('TIMED_OUT')
    expect(outcome.error?.message).toContain(String(proxy.port))
  })
})

describe('a certificate on the way', () => {
  it.each(['expired', 'wrongName', 'unknownAuthority'] as const)(
    'that is wrong at the origin (%s) is refused through a proxy too [CVE 58]',
    async tls => {
      await using origin = await startOrigin({tls})
      origin.on('/', respond(200))
      for (const proxy of [await startProxy(), await startProxy({tls: 'good'}), await startSocks()]) {
        const {outcome} = await recordedSession({proxy: {url: proxy.url}}).get(origin.url('/'))
        expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
        expect(outcome.error?.message).not.toContain('proxy')
      }
      expect(origin.requests).toEqual([])
    }
  )

  it.each(['expired', 'wrongName', 'unknownAuthority'] as const)(
    'that is wrong at an https proxy (%s) is refused, and -k does not hold for it [CVE 58]',
    async tls => {
      await using origin = await startOrigin()
      origin.on('/', respond(200))
      const proxy = await startProxy({tls})
      for (const url of [origin.url('/'), secure]) {
        const {outcome} = await recordedSession({proxy: {url: proxy.url}, tls: {insecure: true}}).get(url)
        expect(outcome.error?.code).toBe('CERTIFICATE_REFUSED')
        expect(outcome.error?.message).toContain(`proxy 127.0.0.1:${proxy.port}`)
      }
      expect(proxy.heads).toEqual([])
    }
  )
})

describe('a SOCKS5 proxy', () => {
  it.each([
    [1, 'failed'],
    [2, 'does not allow'],
    [3, 'network'],
    [4, 'cannot reach the host'],
    [5, 'refused'],
    [6, 'too long'],
    [7, 'cannot make connections'],
    [8, 'kind of address'],
    [99, 'answered 99']
  ])('that replies %i says why', async (reply, why) => {
    const proxy = await startSocks({reply})
    const {outcome} = await recordedSession({proxy: {url: proxy.url}}).get(secure)
    expect(outcome.error?.code).toBe('PROXY_HANDSHAKE')
    expect(outcome.error?.message).toContain(why)
  })

  it('signs us in with name and password; wrong ones, and none, end the task', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {}, 'through'))
    const [user, password] = ['bob', canary('socks')]
    const {url} = await startSocks({user, password})
    const get = (proxy: {user?: string; password?: string}) =>
      recordedSession({proxy: {url, ...proxy}}).get(origin.url('/'))
    expect((await get({user, password})).body.toString()).toBe('through')
    const refused = await get({user, password: canary('wrong')})
    expect(refused.outcome.error?.message).toContain('refuses the name or the password')
    const nameless = await get({})
    expect(nameless.outcome.error).toMatchObject({
      code: 'PROXY_HANDSHAKE',
      hint: expect.stringContaining('--proxy-user')
    })
    expect(origin.requests).toHaveLength(1)
  })

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '\u0004Z'])('that is none (%j) ends the task', async words => {
    const {outcome} = await recordedSession({proxy: {url: (await startSocks({words})).url}}).get(secure)
    expect(outcome.error?.message).toContain('does not speak SOCKS5')
  })
})

/** Says these words to whoever asks, and hangs up. */
async function startSilent(words: string): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(words))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
