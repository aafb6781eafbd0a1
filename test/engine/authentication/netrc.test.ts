import {describe, expect, it} from 'vitest'
import type {DataOptions} from '../../../src/engine/index.ts'
import {Identity} from '../../../src/engine/exchange/authentication/identity.ts'
import {canary} from '../../canary/canary.ts'
import {echo, redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {basicGuard, challenge, DigestGuard} from './guards.ts'
import {visitor} from './visitor.ts'

const host = '127.0.0.1'
const delivered: DataOptions = {httpErrors: 'deliver'}

async function withTwo(test: (first: Origin, second: Origin) => Promise<void>): Promise<void> {
  await using first = await startOrigin()
  await using second = await startOrigin()
  second.on('/there', challenge('Basic realm="r"'))
  first.on('/away', redirect(302, second.url('/there')))
  await test(first, second)
}

function said({requests}: Origin): readonly (string | undefined)[] {
  return requests.map(request => request.header('authorization'))
}

describe('netrc', () => {
  it('signs in at its host: with Basic at once, with Digest where that is asked for', async () => {
    await using origin = await startOrigin()
    const ana = {user: 'ana', password: canary('netrc', origin)}
    origin.on('/basic', basicGuard(ana))
    origin.on('/digest', new DigestGuard(ana).handle)
    const {get} = visitor({credentials: {netrc: `machine ${host} login ana password ${ana.password}`}})
    expect((await get(origin.url('/basic'))).body).toBe('welcome to /basic')
    expect((await get(origin.url('/digest'))).body).toBe('welcome to /digest')
    expect(origin.requests).toHaveLength(3)
  })

  it('says nothing at once where only Digest, or the strongest method, may be used', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const {get} = visitor({credentials: {netrc: `machine ${host} login ana password ${canary('netrc')}`}})
    for (const methods of ['digest', 'any'] as const)
      await get(origin.url('/'), {authentication: {credential: undefined, methods}})
    expect(said(origin)).toEqual([undefined, undefined])
  })

  it('whose entry for all has no password sends none of another to a redirection [CVE 24]', async () => {
    await withTwo(async (first, second) => {
      const secret = canary('netrc', first)
      for (const rest of ['default', 'default login ana', `default login ana password ${secret}`]) {
        const netrc = `machine nowhere.test login ana password ${secret}\n${rest}`
        await visitor({credentials: {netrc}}).get(first.url('/away'), delivered)
      }
      expect(said(second)).toEqual([undefined, undefined, undefined])
    })
  })

  it('has nothing for another port that a server leads to: the file says nothing of ports [CVE 24]', async () => {
    await withTwo(async (first, second) => {
      const netrc = `machine ${host} login ana password ${canary('netrc', first)}`
      await visitor({credentials: {netrc}}).get(first.url('/away'), delivered)
      expect(said(second)).toEqual([undefined])
      expect(said(first)[0]).toMatch(/^Basic /)
    })
  })

  it('has no password for the user of an address who is not in it [CVE 25]', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const netrc = `machine ${host} login bob password ${canary('bob')}`
    await visitor({credentials: {netrc}}).get(origin.url('/').replace('//', '//alice@'))
    expect(said(origin)).toEqual([`Basic ${Buffer.from('alice:').toString('base64')}`])
  })

  it('has the password for one who is', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const [anas, bobs] = [canary('ana'), canary('bob', origin)]
    const netrc = `machine ${host} login ana password ${anas}\nmachine ${host} login bob password ${bobs}`
    await visitor({credentials: {netrc}}).get(origin.url('/').replace('//', '//bob@'))
    expect(said(origin)).toEqual([`Basic ${Buffer.from(`bob:${bobs}`).toString('base64')}`])
  })

  it('beside a token does not take it to a redirection [CVE 26]', async () => {
    await withTwo(async (first, second) => {
      const token = canary('token', first)
      const netrc = `machine ${host} login ana password ${canary('netrc', first)}`
      await visitor({credentials: {netrc}}).get(first.url('/away'), {
        ...delivered,
        authentication: {credential: {kind: 'bearer', token}, methods: 'preemptive'}
      })
      expect(said(first)).toEqual([`Bearer ${token}`])
      expect(said(second)).toEqual([undefined])
    })
  })

  it.each([
    ['a name that looks like a host', 'localhost:@'],
    ['a password that looks like one', 'x:localhost@'],
    ['an escaped delimiter', 'localhost%2F:@'],
    ['a semicolon', 'localhost;x:@']
  ])(
    'is looked up by the host that is asked, not by %s in front of it [CVE 27, CVE 39]',
    async (_what, userinfo) => {
      await using origin = await startOrigin()
      origin.on('*', echo)
      const netrc = `machine localhost login ana password ${canary('other')}`
      await visitor({credentials: {netrc}}).get(origin.url('/').replace('//', `//${userinfo}`))
      const [sent = ''] = said(origin)
      expect(Buffer.from(sent?.slice(6) ?? '', 'base64').toString()).not.toContain('ana')
    }
  )

  it('is not copied into the store of credentials, nor is what an address says', async () => {
    await using origin = await startOrigin()
    const ana = {user: 'ana', password: canary('netrc', origin)}
    origin.on('/', new DigestGuard(ana).handle)
    const {get, session} = visitor({
      credentials: {netrc: `machine ${host} login ana password ${ana.password}`}
    })
    expect((await get(origin.url('/'))).outcome.response?.status).toBe(200)
    const other = visitor()
    await other.get(origin.url('/').replace('//', `//ana:${ana.password}@`))
    expect(await session.stores.credentials.spaces()).toEqual([])
    expect(await other.session.stores.credentials.spaces()).toEqual([])
  })

  it('gives way to what the task says, and that to nothing', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    const netrc = `machine ${host} login bob password ${canary('bob')}`
    await visitor({credentials: {netrc}}).get(origin.url('/').replace('//', '//eve:x@'), {
      authentication: {credential: {kind: 'password', user: 'ana', password: 'y'}, methods: 'preemptive'}
    })
    expect(said(origin)).toEqual([`Basic ${Buffer.from('ana:y').toString('base64')}`])
  })
})

describe('netrc behind a redirection', () => {
  const space = (url: URL) =>
    ({
      protocol: url.protocol === 'https:' ? 'https' : 'http',
      host: url.hostname,
      port: 443,
      realm: 'r',
      method: 'Basic',
      isProxy: false
    }) as const

  it.each<readonly [string, string | undefined]>([
    ['https://b.test/x', 'bob'],
    ['https://b.test:8443/x', undefined],
    ['http://b.test/x', undefined],
    ['https://c.test/x', undefined]
  ])(
    'answers for the machine it names, on the port of https alone, and never with its default: %s',
    async (to, user) => {
      const netrc = 'machine b.test login bob password x\ndefault login eve password y'
      const {session} = visitor({credentials: {netrc}})
      const home = new URL('https://a.test/')
      const task = session.dataTask({url: home, method: 'GET', headers: []})
      const identity = new Identity(task, {url: home, userinfo: undefined})
      const url = new URL(to)
      identity.travel(url)
      const request = {url, method: 'GET', headers: []}
      expect(identity.introduction(request)).toBeUndefined()
      expect((await identity.answerTo(space(url), request))?.credential).toEqual(
        user === undefined ? undefined : {kind: 'password', user, password: 'x'}
      )
    }
  )
})
