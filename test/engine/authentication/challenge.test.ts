import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {Credential, DataOptions} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {startOrigin} from '../../origin/origin.ts'
import {giving} from './giving.ts'
import {basicGuard, bearerGuard, challenge, DigestGuard} from './guards.ts'
import {visitor} from './visitor.ts'

const password = canary('challenge')
const ana = {user: 'ana', password}
const anasPassword: Credential = {kind: 'password', ...ana}
const wrong: Credential = {kind: 'password', user: 'ana', password: canary('wrong')}
const asked = (credential: Credential): DataOptions => ({authentication: {credential, methods: 'any'}})

describe('a challenge', () => {
  it('is answered with the name and password of the session, in a transaction of its own [3A 66]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {outcome, task, body} = await visitor({credentials: ana}).get(origin.url('/auth'))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
    expect(body).toBe('welcome to /auth')
    expect(origin.requests.map(request => request.headers.has('authorization'))).toEqual([false, true])
    expect(task.metrics?.transactionMetrics.map(({status}) => status)).toEqual([401, 200])
    expect(task.metrics?.redirectCount).toBe(0)
  })

  it('without any way in completes with the 401, at once [3A 68]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', (_request, reply) => reply.respond(401, {}, 'no'))
    const recorded = visitor({credentials: ana})
    const {outcome, body} = await recorded.get(origin.url('/auth'), {httpErrors: 'deliver'})
    expect(outcome).toMatchObject({state: 'completed', response: {status: 401}})
    expect(body).toBe('no')
    expect(origin.requests).toHaveLength(1)
  })

  it.each([
    ['Basic realm="a"', 'digest', /offers Basic, which cannot be used/, /--digest/],
    ['Digest realm="a", nonce="1", algorithm=SHA-3', 'any', /offers Digest, which/, /SHA-512-256/],
    ['Hawk, Mutual realm="a"', 'any', /offers Hawk, Mutual, which/, /Basic, Bearer/]
  ] as const)('that offers only %s, where %s may answer, is explained', async (offer, methods, why, next) => {
    await using origin = await startOrigin()
    origin.on('/auth', (_request, reply) => reply.respond(401, {'www-authenticate': offer}, 'no'))
    const {outcome} = await visitor().get(origin.url('/auth'), {
      authentication: {credential: anasPassword, methods}
    })
    expect(outcome.error?.message).toMatch(why)
    expect(outcome.error?.hint).toMatch(next)
    expect(origin.requests).toHaveLength(1)
  })

  it('that nobody can answer completes with the 401, within two seconds [3A 69]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const started = performance.now()
    const {outcome} = await visitor().get(origin.url('/auth'), {httpErrors: 'deliver'})
    expect(performance.now() - started).toBeLessThan(2000)
    expect(outcome).toMatchObject({state: 'completed', response: {status: 401}})
    expect(origin.requests).toHaveLength(1)
  })

  it.each<readonly [string, string, readonly string[]]>([
    ['Digest before Basic', 'Digest', ['Basic realm="a"', 'Digest realm="a", nonce="1", qop="auth"']],
    [
      'the stronger hash',
      'SHA-256',
      ['Digest realm="a", nonce="1", algorithm=MD5, Digest realm="a", nonce="2", algorithm=SHA-256']
    ],
    [
      'Basic where the hash of Digest is unknown',
      'Basic',
      ['Digest realm="a", nonce="1", algorithm=SHA-3, Basic realm="a"']
    ],
    ['Basic beside what it has no ticket for', 'Basic', ['Negotiate, Basic realm="a, \\"b\\""']]
  ])('is answered with the strongest that it offers: %s [3B 90]', async (_what, expected, challenges) => {
    await using origin = await startOrigin()
    origin.on('/auth', challenge(...challenges))
    await visitor().get(origin.url('/auth'), asked(anasPassword))
    expect(origin.requests[1]?.header('authorization')).toContain(expected)
  })

  it('is answered once with a wrong password: the 401 is the result [3D 110]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {outcome} = await visitor().get(origin.url('/auth'), {
      ...asked(wrong),
      httpErrors: 'deliver'
    })
    expect(outcome).toMatchObject({state: 'completed', response: {status: 401}})
    expect(origin.requests).toHaveLength(2)
  })

  it('is answered once with a wrong password also where every error is tried again', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const retry = {attempts: 3, delay: 0.01, allErrors: true}
    await visitor({retry}).get(origin.url('/auth'), asked(wrong))
    expect(origin.requests).toHaveLength(2)
  })

  it('is answered with a right one, also without being asked, and the next request knows it [3D 110]', async () => {
    await using origin = await startOrigin()
    origin.on('*', basicGuard(ana))
    const recorded = visitor({credentials: ana})
    await recorded.get(origin.url('/in/first'))
    expect((await recorded.get(origin.url('/in/deeper/second'))).outcome.response?.status).toBe(200)
    expect(origin.requests).toHaveLength(3)
    await recorded.get(urlRequest(origin.url('/out')))
    expect(origin.requestsOf('/out')[0]?.header('authorization')).toBeUndefined()
    const unasked: DataOptions = {authentication: {credential: anasPassword, methods: 'preemptive'}}
    await visitor().get(origin.url('/hidden'), unasked)
    expect(origin.requestsOf('/hidden')).toHaveLength(1)
  })

  it('for a token is answered with a token, and not with a password', async () => {
    await using origin = await startOrigin()
    const token = canary('token', origin)
    origin.on('/auth', bearerGuard(token))
    const {outcome} = await visitor().get(origin.url('/auth'), asked({kind: 'bearer', token}))
    expect(outcome.response?.status).toBe(200)
    await visitor().get(origin.url('/auth'), asked(anasPassword))
    expect(origin.requests).toHaveLength(3)
  })

  it('after an unasked Basic may still be answered with Digest: nothing was refused', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', new DigestGuard(ana).handle)
    const {outcome} = await visitor().get(origin.url('/auth'), {
      authentication: {credential: anasPassword, methods: 'preemptive'}
    })
    expect(outcome.response?.status).toBe(200)
    expect(origin.requests).toHaveLength(2)
  })

  it('for Basic is not answered where only Digest may be used, nor is anything sent unasked', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    await visitor().get(origin.url('/auth'), {
      authentication: {credential: anasPassword, methods: 'digest'}
    })
    expect(origin.requests.map(({headers}) => headers.has('authorization'))).toEqual([false])
  })
})

describe('what was accepted', () => {
  it('in one realm is a guess for another: that it is wrong there is no failure', async () => {
    await using origin = await startOrigin()
    const [outer, inner] = [canary('outer'), canary('inner')]
    origin.on('/a', basicGuard({user: 'ana', password: outer}, undefined, 'outer'))
    origin.on('/in/b', basicGuard({user: 'ana', password: inner}, undefined, 'inner'))
    const {get} = visitor(
      {},
      {
        didReceiveChallenge: (_task, {protectionSpace: {realm}}) => ({
          disposition: 'useCredential',
          credential: {kind: 'password', user: 'ana', password: realm === 'outer' ? outer : inner}
        })
      }
    )
    const statuses: unknown[] = []
    for (const path of ['/a', '/in/b', '/a', '/in/b']) {
      const {task} = await get(origin.url(path))
      statuses.push(task.metrics?.transactionMetrics.map(({status}) => status))
    }
    expect(statuses).toEqual([[401, 200], [401, 200], [200], [200]])
  })

  it('is forgotten when it is refused', async () => {
    await using origin = await startOrigin()
    origin.on('/a', basicGuard(ana))
    const {get} = visitor({}, giving(anasPassword).delegate)
    await get(origin.url('/a'))
    origin.on('/a', basicGuard({user: 'ana', password: 'rotated'}))
    for (const _visit of [1, 2]) await get(origin.url('/a'), {httpErrors: 'deliver'})
    const said = origin.requests.map(({headers}) => headers.has('authorization'))
    expect(said).toEqual([false, true, true, false])
  })

  it('is not remembered where nothing is to be kept [P19]', async () => {
    await using origin = await startOrigin()
    origin.on('/a', basicGuard(ana))
    const {get} = visitor({credentials: {...ana, persistence: 'none'}})
    for (const _visit of [1, 2]) await get(origin.url('/a'))
    const said = origin.requests.map(({headers}) => headers.has('authorization'))
    expect(said).toEqual([false, true, false, true])
  })
})
