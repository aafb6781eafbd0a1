import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {ConfigurationChanges, DataOptions, TaskAuthentication} from '../../../src/engine/index.ts'
import {Identity} from '../../../src/engine/exchange/authentication/identity.ts'
import {canary} from '../../canary/canary.ts'
import {echo, redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {basicGuard, challenge, DigestGuard} from './guards.ts'
import {visitor} from './visitor.ts'
import type {Visit} from './visitor.ts'

/** One that leads to another, each on a port of its own. */
async function two(): Promise<{first: Origin; second: Origin; [Symbol.asyncDispose](): Promise<void>}> {
  const [first, second] = [await startOrigin(), await startOrigin()]
  first.on('/away', redirect(302, second.url('/there')))
  return {
    first,
    second,
    [Symbol.asyncDispose]: async () => {
      await first.close()
      await second.close()
    }
  }
}

const methods = ['preemptive', 'any', 'digest'] as const
const given = (origin: Origin, how: TaskAuthentication['methods'] = 'any'): DataOptions => ({
  authentication: {
    credential: {kind: 'password', user: 'ana', password: canary('task', origin)},
    methods: how
  },
  httpErrors: 'deliver'
})

describe('a challenge behind a redirection', () => {
  it.each(methods)("is not answered with the task's own credential: %s [R38, CVE 22, CVE 23]", async how => {
    await using origins = await two()
    const {first, second} = origins
    second.on('/there', challenge('Digest realm="r", nonce="n"', 'Basic realm="r"'))
    const {outcome} = await visitor().get(first.url('/away'), given(first, how))
    expect(outcome.response?.status).toBe(401)
    expect(second.requests.map(({headers}) => headers.has('authorization'))).toEqual([false])
  })

  it.each<readonly [string, (first: Origin) => ConfigurationChanges]>([
    ['password', first => ({credentials: {user: 'ana', password: canary('session', first)}})],
    ['token', first => ({credentials: {bearer: canary('session', first)}})],
    ['header', first => ({headers: {Authorization: `Bearer ${canary('session', first)}`}})]
  ])("is not answered with the session's %s [R11, R38]", async (_what, changes) => {
    await using origins = await two()
    const {first, second} = origins
    second.on('/there', challenge('Bearer realm="r"', 'Basic realm="r"'))
    await visitor(changes(first)).get(first.url('/away'), {httpErrors: 'deliver'})
    expect(second.requests.map(({headers}) => headers.has('authorization'))).toEqual([false])
  })

  it('is answered with what a rule gives that host alone, and the headers of the rule go there too', async () => {
    await using origins = await two()
    const {first, second} = origins
    const ana = {user: 'ana', password: canary('rule', second)}
    second.on('/there', basicGuard(ana))
    const key = canary('key', second)
    const {body} = await visitor({
      hosts: {[`127.0.0.1:${second.port}`]: {credentials: ana, headers: {'X-Key': key}}}
    }).get(first.url('/away'))
    expect(body).toBe('welcome to /there')
    expect(first.requests.map(({rawHead}) => rawHead).join()).not.toContain('canary-')
    expect(second.requests.map(request => request.header('x-key'))).toEqual([key, key])
  })

  it('brings the token of a rule at once', async () => {
    await using origins = await two()
    const {first, second} = origins
    second.on('/there', echo)
    const bearer = canary('rule', second)
    await visitor({hosts: {[`127.0.0.1:${second.port}`]: {credentials: {bearer}}}}).get(first.url('/away'))
    expect(second.requests[0]?.header('authorization')).toBe(`Bearer ${bearer}`)
  })

  it('finds no rule without a port: another service of the same host is another', async () => {
    await using origins = await two()
    const {first, second} = origins
    second.on('/there', challenge('Basic realm="r"'))
    const rules = {
      credentials: {user: 'ana', password: canary('rule', first)},
      headers: {'X-Key': canary('key', first)}
    }
    await visitor({hosts: {'127.0.0.1': rules}}).get(first.url('/away'), {httpErrors: 'deliver'})
    expect(
      second.requests.map(request => [request.header('authorization'), request.header('x-key')])
    ).toEqual([[undefined, undefined]])
  })

  it('is answered by the delegate, which is told of the new origin [R38]', async () => {
    await using origins = await two()
    const {first, second} = origins
    const ana = {user: 'ana', password: canary('delegate', second)}
    second.on('/there', new DigestGuard(ana).handle)
    const asked: unknown[] = []
    const {get} = visitor(
      {},
      {
        didReceiveChallenge: (_task, {protectionSpace, proposedCredential}) => {
          asked.push([protectionSpace.port, proposedCredential])
          return {disposition: 'useCredential', credential: {kind: 'password', ...ana}}
        }
      }
    )
    expect((await get(first.url('/away'), given(first))).body).toBe('welcome to /there')
    expect(asked).toEqual([[second.port, undefined]])
  })

  it('is answered with the credential of the task where redirections are trusted', async () => {
    await using origins = await two()
    const {first, second} = origins
    const ana = {user: 'ana', password: canary('trusted', first, second)}
    second.on('/there', basicGuard(ana))
    const {body} = await visitor({redirects: {trusted: true}}).get(first.url('/away'), {
      authentication: {credential: {kind: 'password', ...ana}, methods: 'any'}
    })
    expect(body).toBe('welcome to /there')
  })
})

describe('a redirection away and back', () => {
  it.each(methods)('does not bring back who the task was: %s [CVE 34]', async how => {
    await using origins = await two()
    const {first, second} = origins
    second.on('/there', redirect(302, first.url('/back')))
    first.on('/back', challenge('Digest realm="r", nonce="n"', 'Basic realm="r"'))
    await visitor().get(first.url('/away'), given(first, how))
    expect(first.requestsOf('/back').map(({headers}) => headers.has('authorization'))).toEqual([false])
  })

  it('on one origin alone keeps it', async () => {
    await using origin = await startOrigin()
    const ana = {user: 'ana', password: canary('home', origin)}
    origin.on('/from', basicGuard(ana, redirect(302, '/to')))
    origin.on('/to', basicGuard(ana))
    const {body} = await visitor({credentials: ana}).get(origin.url('/from'))
    expect(body).toBe('welcome to /to')
  })
})

describe('a redirection where all origins are trusted', () => {
  it('from https to http leaves everything behind, also when it leads back to https [CVE 33, CVE 34]', () => {
    const {session} = visitor({redirects: {trusted: true, allowDowngrade: true}})
    const home = new URL('https://a.test/')
    const task = session.dataTask(urlRequest(home), {
      authentication: {credential: {kind: 'password', user: 'ana', password: 'x'}, methods: 'preemptive'}
    })
    const identity = new Identity(task, {url: home, userinfo: undefined})
    const said = ['https://b.test/', 'http://c.test/', 'https://b.test/', 'https://a.test/'].map(address => {
      const url = new URL(address)
      identity.travel(url)
      return identity.introduction(urlRequest(url))?.method
    })
    expect(said).toEqual(['Basic', undefined, undefined, undefined])
  })
})

describe('the credentials of two tasks', () => {
  it('in one session do not mix: each signs in as itself [CVE 60]', async () => {
    await using origin = await startOrigin()
    origin.on('*', echo)
    origin.on('/auth', (request, reply) =>
      request.headers.has('authorization')
        ? echo(request, reply)
        : challenge('Basic realm="r"')(request, reply)
    )
    const {get} = visitor()
    const as = (user: string): Promise<Visit> =>
      get(origin.url('/auth'), {
        authentication: {credential: {kind: 'password', user, password: 'x'}, methods: 'any'}
      })
    for (const user of ['ana', 'bob', 'ana']) {
      const {body} = await as(user)
      expect(body).toContain(Buffer.from(`${user}:x`).toString('base64'))
    }
  })

  it('in two sessions do not mix either [CVE 60]', async () => {
    await using origin = await startOrigin()
    const ana = {user: 'ana', password: canary('one')}
    origin.on('*', basicGuard(ana))
    await visitor({credentials: ana}).get(origin.url('/'))
    const {outcome} = await visitor().get(origin.url('/'), {httpErrors: 'deliver'})
    expect(outcome.response?.status).toBe(401)
  })

  it('are all forgotten by a reset [R62]', async () => {
    await using origin = await startOrigin()
    const ana = {user: 'ana', password: canary('reset')}
    origin.on('*', basicGuard(ana))
    const {get, session} = visitor()
    const as: DataOptions = {authentication: {credential: {kind: 'password', ...ana}, methods: 'any'}}
    await get(origin.url('/'), as)
    expect((await get(origin.url('/'))).outcome.response?.status).toBe(200)
    await session.reset()
    expect((await get(origin.url('/'), {httpErrors: 'deliver'})).outcome.response?.status).toBe(401)
  })
})

describe('a request that says itself who asks', () => {
  it('wins over the header of the session, whatever its case, and is sent once [R11, P17]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const request = urlRequest(origin.url('/'), {headers: [['authorization', 'Bearer own']]})
    await visitor({headers: {Authorization: 'Bearer of-session', 'X-One': '1'}}).get(request)
    expect(origin.requests[0]?.rawHead.match(/^authorization: .*$/gim)).toEqual(['authorization: Bearer own'])
    expect(origin.requests[0]?.header('x-one')).toBe('1')
  })

  it.each(['Bearer x', ''])(
    'is left alone (%j): neither a credential nor a challenge changes it',
    async value => {
      await using origin = await startOrigin()
      origin.on('/auth', challenge('Basic realm="r"'))
      const request = urlRequest(origin.url('/auth'), {headers: [['Authorization', value]]})
      const own = {user: 'ana', password: canary('own')}
      await visitor({credentials: {...own, bearer: canary('own')}}).get(request, given(origin, 'preemptive'))
      expect(origin.requests.map(({headers}) => headers.get('authorization') ?? '')).toEqual([value])
    }
  )
})
