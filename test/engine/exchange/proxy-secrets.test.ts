import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {canary, entrust} from '../../canary/canary.ts'
import {certificates} from '../../origin/certificates.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'
import {basic, demanding, startProxy} from './scripted-proxy.ts'

const user = 'bob'
const password = canary('proxy')
const right = basic(user, password)
const wantsBasic = demanding('Basic realm="p"', value => value === right)

describe('what a proxy is told of us', () => {
  it('never reaches the origin, forwarded or in a tunnel; headers for the origin never stand in CONNECT [CVE 29]', async () => {
    await using plain = await startOrigin()
    await using secure = await startOrigin({tls: 'good'})
    const proxy = await startProxy({objection: wantsBasic})
    entrust(password, proxy)
    const recorded = recordedSession({proxy: {url: proxy.url, user, password}})
    const token = canary('origin', plain, secure)
    const headers = [
      ['Authorization', `Bearer ${token}`],
      ['Cookie', `id=${canary('cookie', plain, secure)}`],
      ['X-Api-Key', canary('key', plain, secure)],
      ['User-Agent', canary('agent', plain, secure)]
    ] as const
    for (const origin of [plain, secure]) {
      origin.on('/', respond(200))
      const {outcome} = await recorded.get(urlRequest(origin.url('/'), {headers}))
      expect(outcome.error).toBeUndefined()
      const head = origin.requests.map(({rawHead}) => rawHead).join('')
      expect(head).not.toMatch(/proxy-authorization|canary-proxy|Ym9i/i)
      expect(head).toContain(token)
    }
    const tunnelled = proxy.heads.filter(head => head.startsWith('CONNECT'))
    expect(tunnelled).not.toHaveLength(0)
    for (const head of tunnelled) {
      const names = head
        .split('\r\n')
        .slice(1)
        .map(line => line.split(':')[0]?.toLowerCase())
      expect(names.filter(Boolean)).toEqual(expect.arrayContaining(['host', 'user-agent']))
      expect(head).not.toMatch(/canary-(?!proxy)|cookie|x-api-key|\r\nauthorization/i)
    }
  })

  it('is not told to another proxy: neither the credential nor the way it was asked for [CVE 28]', async () => {
    await using secure = await startOrigin({tls: 'good'})
    await using plain = await startOrigin()
    secure.on('/', respond(200, {}, 'end'))
    plain.on('/', redirect(302, secure.url('/')))
    const first = await startProxy({objection: wantsBasic})
    entrust(password, first)
    const second = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    const http = first.url.replace('//', `//${user}:${password}@`)
    const {outcome} = await recordedSession({proxy: {http, https: second.url}}).get(plain.url('/'))
    expect(first.values('proxy-authorization')).toContain(right)
    expect(outcome.error?.code).toBe('PROXY_HANDSHAKE')
    expect(second.heads).toHaveLength(1)
    expect(second.values('proxy-authorization')).toEqual([undefined])
  })

  it('is for the one proxy that is named; of two, a credential without an address is shown to neither [CVE 28]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const first = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    entrust(password, first)
    const second = await startProxy()
    const proxies = {http: first.url, https: second.url, user, password}
    await recordedSession({proxy: proxies}).get(origin.url('/'))
    expect(first.values('proxy-authorization')).toEqual([undefined])
    await recordedSession({proxy: {http: first.url, user, password}}).get(origin.url('/'))
    expect(first.values('proxy-authorization')).toEqual([undefined, undefined, right])
  })

  it('is forgotten by another session [CVE 28]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const proxy = await startProxy({objection: wantsBasic})
    entrust(password, proxy)
    const url = origin.url('/')
    expect((await recordedSession({proxy: {url: proxy.url, user, password}}).get(url)).outcome.state).toBe(
      'completed'
    )
    expect((await recordedSession({proxy: {url: proxy.url}}).get(url)).outcome.error?.status).toBe(407)
    expect(proxy.values('proxy-authorization').at(-1)).toBeUndefined()
  })

  it('does not follow a redirection to a host that is asked directly [CVE 30]', async () => {
    await using direct = await startOrigin()
    await using origin = await startOrigin()
    direct.on('/', respond(200, {}, 'direct'))
    origin.on('/', redirect(302, direct.url('/', 'localhost')))
    const proxy = await startProxy({objection: wantsBasic})
    entrust(password, proxy)
    const recorded = recordedSession({proxy: {url: proxy.url, user, password, noProxy: ['localhost']}})
    const {body} = await recorded.get(origin.url('/'))
    expect(body.toString()).toBe('direct')
    expect(direct.requests[0]?.rawHead).not.toMatch(/proxy/i)
  })

  it('is never a client certificate', async () => {
    await using origin = await startOrigin({tls: 'good', clientCertificate: 'required'})
    origin.on('/', respond(200))
    const proxy = await startProxy({tls: 'good', clientCertificate: 'requested'})
    entrust(password, proxy)
    const {cert, key} = certificates.client
    const {outcome} = await recordedSession({proxy: {url: proxy.url}, tls: {cert, key}}).get(origin.url('/'))
    expect(outcome.error).toBeUndefined()
    expect(proxy.clientNames).toEqual([])
    expect(origin.requests[0]?.handshake?.clientName).toBe('ferry test client')
  })

  it.each(['http', 'https'])(
    'is one request for one address, whatever is in its path: %s [CVE 63]',
    async scheme => {
      await using origin = await startOrigin(scheme === 'https' ? {tls: 'good'} : {})
      origin.on('*', respond(200))
      const proxy = await startProxy()
      entrust(password, proxy)
      const recorded = recordedSession({proxy: {url: proxy.url}})
      await recorded.get(origin.url('/a%0d%0aX-Injected:%20yes%0d%0a%0d%0aGET%20/b'))
      expect(proxy.heads).toHaveLength(1)
      expect(origin.requests).toHaveLength(1)
      expect(proxy.heads[0] + (origin.requests[0]?.rawHead ?? '')).not.toMatch(/^x-injected/im)
      expect(() => urlRequest(`${origin.url('/a')}\r\nX-Injected: yes`)).toThrow(
        expect.objectContaining({code: 'URL_MALFORMED'})
      )
    }
  )
})
