import {describe, expect, it} from 'vitest'
import {certificates} from '../../origin/certificates.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin, OriginOptions} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'
import {startProxy} from './scripted-proxy.ts'

const {cert, key} = certificates.client

async function secureOrigin(options: OriginOptions = {}): Promise<Origin> {
  const origin = await startOrigin({tls: 'good', clientCertificate: 'requested', ...options})
  origin.on('/', respond(200))
  return origin
}

const clientNames = (origin: Origin): (string | undefined)[] =>
  origin.requests.map(({handshake}) => handshake?.clientName)

describe('a connection', () => {
  it('that was made without looking at the certificate is used by no request that wants it looked at [CVE 59]', async () => {
    await using origin = await secureOrigin({tls: 'unknownAuthority'})
    const {port} = origin
    // Two names of one host, with rules of their own, so that both requests are of one session.
    const hosts = {localhost: {tls: {insecure: true}}}
    const network = {resolve: {[`localhost:${port}`]: ['127.0.0.1'], [`localhost.:${port}`]: ['127.0.0.1']}}
    const recorded = recordedSession({hosts, network, maxConnectionsPerHost: 1})
    expect((await recorded.get(origin.url('/', 'localhost'))).outcome.state).toBe('completed')
    expect((await recorded.get(origin.url('/'))).outcome.error?.code).toBe('CERTIFICATE_REFUSED')
    expect(origin.requests).toHaveLength(1)
  })

  it.each([
    ['another client certificate', {cert, key}],
    ['other pins', {pins: ['A'.repeat(43) + '=']}],
    ['another lowest version', {min: 'TLSv1.3'}]
  ] as const)('is not used again with %s [CVE 60]', async (_what, tls) => {
    await using origin = await secureOrigin()
    const {port} = origin
    const hosts = {'*.test': {tls}}
    const network = {resolve: {[`a.test:${port}`]: ['127.0.0.1'], [`b:${port}`]: ['127.0.0.1']}}
    const recorded = recordedSession({hosts, network, tls: {insecure: true}, maxConnectionsPerHost: 1})
    await recorded.get(origin.url('/', 'b'))
    await recorded.get(origin.url('/', 'b'))
    expect(origin.connections).toBe(1)
    await recorded.get(origin.url('/', 'a.test'))
    expect(origin.connections).toBe(2)
    const shown = clientNames(origin)
    expect(shown.slice(0, 2)).toEqual([undefined, undefined])
  })

  it('is not used again by way of another proxy, nor without one [CVE 60]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const [one, two] = [await startProxy(), await startProxy()]
    const {port} = origin
    const hosts = {
      [`a.test:${port}`]: {proxy: {url: one.url}},
      [`b.test:${port}`]: {proxy: {url: two.url}}
    }
    const network = {resolve: {[`c.test:${port}`]: ['127.0.0.1']}}
    const recorded = recordedSession({hosts, network})
    for (const host of ['a.test', 'b.test', 'c.test']) await recorded.get(origin.url('/', host))
    expect([one.heads.length, two.heads.length, origin.requests.length]).toEqual([1, 1, 3])
  })

  it('to a host through a proxy counts for that host alone [P18]', async () => {
    await using origin = await startOrigin()
    const proxy = await startProxy()
    let open = 0
    let peak = 0
    origin.on('*', async (_request, reply) => {
      peak = Math.max(peak, (open += 1))
      await new Promise(resolve => setTimeout(resolve, 5))
      open -= 1
      await reply.respond(200)
    })
    const recorded = recordedSession({
      proxy: {url: proxy.url},
      maxConnectionsPerHost: 2,
      maxParallelTasks: 20
    })
    const results = await Promise.all(
      Array.from({length: 20}, (_, count) => recorded.get(origin.url(`/${count}`, 'one.test')))
    )
    expect(results.every(({outcome}) => outcome.state === 'completed')).toBe(true)
    expect(peak).toBe(2)
  })
})

describe('the client certificate of a session', () => {
  it('is shown to the origin of the task, and to no origin that a redirection leads to', async () => {
    await using stranger = await secureOrigin()
    await using origin = await secureOrigin()
    origin.on('/away', redirect(302, stranger.url('/')))
    origin.on('/home', redirect(302, '/'))
    const recorded = recordedSession({tls: {cert, key}})
    await recorded.get(origin.url('/away'))
    await recorded.get(origin.url('/home'))
    expect(clientNames(origin)).toEqual(Array(3).fill('ferry test client'))
    expect(clientNames(stranger)).toEqual([undefined])
    await recorded.get(stranger.url('/'))
    expect(clientNames(stranger)).toEqual([undefined, 'ferry test client'])
  })

  it('is shown where a redirection leads if a rule for that host names one', async () => {
    await using stranger = await secureOrigin()
    await using origin = await secureOrigin()
    origin.on('/away', redirect(302, stranger.url('/', 'localhost')))
    const hosts = {[`localhost:${stranger.port}`]: {tls: {cert, key}}}
    const recorded = recordedSession({hosts})
    await recorded.get(origin.url('/away'))
    expect(clientNames(origin)).toEqual([undefined])
    expect(clientNames(stranger)).toEqual(['ferry test client'])
  })
})
