import {describe, expect, it} from 'vitest'
import {Session, SessionConfiguration, TransferError, urlRequest} from '../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../src/engine/index.ts'
import {echo} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {recordedSession} from './recorded-session.ts'

function echoed(body: Buffer): Record<string, string> {
  return (JSON.parse(body.toString()) as {headers: Record<string, string>}).headers
}

describe('a configuration', () => {
  it('is what a session takes as it is [R1, R4]', () => {
    const configuration = SessionConfiguration.ephemeral({headers: {X: '1'}})
    expect(new Session(configuration).configuration).toBe(configuration)
  })

  it('does not change after it was made, at any depth, so that no session can be changed through it [R5, R58]', () => {
    const changes = {headers: {X: '1'}, network: {resolve: {'*:80': ['127.0.0.1']}}}
    const {keys} = SessionConfiguration.default(changes)
    changes.headers.X = '2'
    changes.network.resolve['*:80'].push('127.0.0.2')
    expect(keys.headers).toEqual({X: '1'})
    expect(keys.network.resolve).toEqual({'*:80': ['127.0.0.1']})
    expect(() => Object.assign(keys.headers, {X: '2'})).toThrow(TypeError)
    expect(() => Object.assign(keys.timeouts, {idle: 1})).toThrow(TypeError)
    expect(() => Object.assign(keys, {maxParallelTasks: 1})).toThrow(TypeError)
    expect(() => (keys.network.resolve['*:80'] as string[]).push('::1')).toThrow(TypeError)
  })

  it('stays as it is when a copy with other values is made [R6]', () => {
    const base = SessionConfiguration.default({headers: {A: '1', B: '2'}})
    const before = JSON.stringify(base)
    const copy = base.with({headers: {B: '3'}, timeouts: {idle: 1.5}})
    expect(JSON.stringify(base)).toBe(before)
    expect(copy.keys.headers).toEqual({A: '1', B: '3'})
    expect(copy.keys.timeouts).toEqual({...base.keys.timeouts, idle: 1.5})
    expect(copy.kind).toBe('default')
  })

  it('from the factory is a new one each time: nothing that was done to another shows [R6]', () => {
    SessionConfiguration.default({headers: {A: '1'}, redirects: {max: 0}})
    expect(SessionConfiguration.default().keys.headers).toEqual({})
    expect(SessionConfiguration.default().keys.redirects.max).toBe(20)
  })

  it('begins with the times and limits of URLSession, and a kind of its own [R10, 3A 65]', () => {
    const {keys, kind} = SessionConfiguration.default()
    expect(kind).toBe('default')
    expect(SessionConfiguration.ephemeral().kind).toBe('ephemeral')
    expect(keys.timeouts).toMatchObject({idle: 60, total: 7 * 24 * 3600})
    expect(keys.maxConnectionsPerHost).toBe(6)
    expect(keys.waitsForConnectivity).toBe(false)
    expect(keys.cookies).toMatchObject({accept: 'mainDocument', send: true, jar: undefined})
  })

  it('gives back every value that was put in [3A 65]', () => {
    const changes = {
      headers: {A: 'b'},
      timeouts: {connect: 1, idle: 0.25, total: 3},
      waitsForConnectivity: true,
      maxConnectionsPerHost: 2,
      maxParallelTasks: 3,
      cookies: {accept: 'never', send: false},
      tls: {
        min: 'TLSv1.2',
        max: 'TLSv1.3',
        ca: 'text',
        cert: 'text',
        key: 'text',
        passphrase: 'word',
        pins: [`${'A'.repeat(43)}=`],
        insecure: true
      },
      redirects: {max: 1, follow: false, allowDowngrade: true, trusted: true},
      retry: {attempts: 0, delay: 1, maxTime: 2, allErrors: true},
      limits: {rate: 1, lowSpeed: 2, lowSpeedTime: 3, maxFileSize: 4},
      network: {family: 4, localAddress: '127.0.0.1', resolve: {}, http2: true}
    } as const
    expect(SessionConfiguration.ephemeral(changes).keys).toMatchObject(changes)
  })

  it.each([
    ['an unknown key', {nosuch: 1}],
    ['an unknown key inside', {timeouts: {request: 1}}],
    ['an unknown key of one host', {hosts: {a: {timeouts: {request: 1}}}}],
    ['a key that only objects have', {timeouts: {constructor: 1}}],
    ['something that cannot be copied', {delegate: () => {}}],
    ['a time that is over at once', {timeouts: {idle: 0}}],
    ['a time that is no number', {timeouts: {total: Number.NaN}}],
    ['half a connection', {maxConnectionsPerHost: 1.5}],
    ['no task at all', {maxParallelTasks: 0}],
    ['fewer than no redirections', {redirects: {max: -1}}],
    ['a negative count of attempts', {retry: {attempts: -1}}]
  ])('refuses %s [R3]', (_what, changes) => {
    const make = () => SessionConfiguration.default(changes as ConfigurationChanges)
    expect(make).toThrow(expect.objectContaining({name: 'TransferError', code: 'CONFIGURATION_REFUSED'}))
    expect(make).toThrow(TransferError)
  })

  it.each([
    ['timeouts', {timeouts: 5}, 'an object'],
    ['timeouts.idle', {timeouts: {idle: '5'}}, 'a number'],
    ['timeouts.idle', {timeouts: {idle: undefined}}, 'a number'],
    ['limits.rate', {limits: {rate: '1M'}}, 'a number'],
    ['proxy.url', {proxy: {url: new URL('http://127.0.0.1')}}, 'a string'],
    ['tls.insecure', {tls: {insecure: 'no'}}, 'a boolean'],
    ['tls.pins', {tls: {pins: 'sha256//abc'}}, 'a list of texts'],
    ['headers', {headers: {A: 1}}, 'texts by name'],
    ['network.resolve', {network: {resolve: {'a:80': '127.0.0.1'}}}, 'lists of addresses'],
    ['cache.policy', {cache: {policy: 'relaod'}}, 'one of protocol, reload,'],
    ['network.family', {network: {family: 5}}, 'one of 4, 6'],
    ['hosts.a', {hosts: {a: 'b'}}, 'an object'],
    ['hosts.a.retry.delay', {hosts: {a: {retry: {delay: 'soon'}}}}, 'a number']
  ])('refuses a value of another type than %s has: %j', (key, changes, type) => {
    const make = () => SessionConfiguration.default(changes as unknown as ConfigurationChanges)
    expect(make).toThrow(expect.objectContaining({code: 'CONFIGURATION_REFUSED'}))
    expect(make).toThrow(`The configuration key ${key} must`)
    expect(make).toThrow(type)
  })

  it('judges the values for one host at once, but lets a key without a default be taken back', () => {
    const late = () => SessionConfiguration.default({hosts: {a: {timeouts: {idle: -1}}}})
    expect(late).toThrow('timeouts.idle')
    const limited = SessionConfiguration.default({limits: {rate: 1}})
    expect(limited.with({limits: {rate: undefined}}).keys.limits.rate).toBeUndefined()
  })
})

describe("the session's headers", () => {
  it('are in each request, but the request wins whatever the case, and only one copy is sent [3A 29, R11]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession({headers: {Header2: 's2', header3: 's3', header4: 's4'}})
    const {body} = await recorded.get(
      urlRequest(origin.url('/'), {
        headers: [
          ['header1', 'r1'],
          ['header2', 'r2'],
          ['Header4', 'r4']
        ]
      })
    )
    expect(echoed(body)).toMatchObject({header1: 'r1', header2: 'r2', header3: 's3', header4: 'r4'})
    expect(origin.requests[0]?.rawHead.match(/^header4:/gim)).toHaveLength(1)
  })

  it('are left out where the request gives an empty value', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const recorded = recordedSession({headers: {A: '1'}})
    await recorded.get(urlRequest(origin.url('/'), {headers: [['a', '']]}))
    expect(origin.requests[0]?.header('a')).toBeUndefined()
  })

  it('are those of the session a task belongs to, although both ask the same server [R1, R5]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const one = recordedSession({headers: {X: '1'}})
    const other = recordedSession({headers: {X: '2'}})
    expect(echoed((await one.get(origin.url('/'))).body)['x']).toBe('1')
    expect(echoed((await other.get(origin.url('/'))).body)['x']).toBe('2')
    expect(echoed((await one.get(origin.url('/'))).body)['x']).toBe('1')
  })
})
