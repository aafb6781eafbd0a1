import {createHash} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import type {DataOptions} from '../../../src/engine/index.ts'
import {DigestState} from '../../../src/engine/exchange/authentication/digest.ts'
import {readDigestChallenge} from '../../../src/engine/fields/digest-challenge.ts'
import {parseChallenges} from '../../../src/engine/fields/www-authenticate.ts'
import {canary} from '../../canary/canary.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {challenge, DigestGuard, parametersOf} from './guards.ts'
import type {DigestRules} from './guards.ts'
import {visitor} from './visitor.ts'

interface Example {
  readonly challenge: string
  readonly user: string
  readonly password: string
  readonly clientNonce: string
  readonly uri: string
}

function answerTo({challenge, user, password, clientNonce, uri}: Example): ReadonlyMap<string, string> {
  const digest = readDigestChallenge(parseChallenges([challenge])[0] ?? expect.fail('no challenge'))
  const state = new DigestState(() => clientNonce)
  state.adopt(digest ?? expect.fail('no Digest'))
  const value = state.answer({method: 'GET', uri}, {kind: 'password', user, password})
  return parametersOf(value ?? '') ?? expect.fail('no answer')
}

describe('the answer to the examples of the standard is the one that stands there', () => {
  const mufasa = {
    user: 'Mufasa',
    password: 'Circle of Life',
    clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    uri: '/dir/index.html'
  }
  const place =
    'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1']
  ])('RFC 7616, 3.9.1: %s', (algorithm, response) => {
    const answer = answerTo({...mufasa, challenge: `Digest ${place}, algorithm=${algorithm}`})
    expect(Object.fromEntries(answer)).toEqual({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      uri: '/dir/index.html',
      algorithm,
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      nc: '00000001',
      cnonce: mufasa.clientNonce,
      qop: 'auth',
      response,
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS'
    })
  })

  // The values are those of erratum 4897: the RFC's own were made with a draft of SHA-512/256.
  it('RFC 7616, 3.9.2: SHA-512-256, a name in Unicode that is hashed', () => {
    const answer = answerTo({
      challenge:
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
      user: 'J\u00e4s\u00f8n Doe',
      password: 'Secret, or not?',
      clientNonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      uri: '/doe.json'
    })
    expect(answer.get('username')).toBe('793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b')
    expect(answer.get('response')).toBe('3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
    expect(answer.get('userhash')).toBe('true')
  })

  it('RFC 2069, 2.4 (with its erratum): without quality of protection', () => {
    const answer = answerTo({
      challenge:
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      user: 'Mufasa',
      password: 'CircleOfLife',
      clientNonce: 'unused',
      uri: '/dir/index.html'
    })
    expect(answer.get('response')).toBe('1949323746fe6a43ef61f9606e7febea')
    for (const absent of ['qop', 'nc', 'cnonce', 'algorithm']) expect(answer.has(absent)).toBe(false)
  })
})

describe('a name that ASCII has not', () => {
  const offer = (more: string): string => `Digest realm="r", nonce="n", qop="auth"${more}`
  const own = {password: 'x', clientNonce: 'c', uri: '/'}

  it('is sent in the extended notation where the server speaks UTF-8', () => {
    const answer = answerTo({...own, user: "J\u00e4s\u00f8n's", challenge: offer(', charset=UTF-8')})
    expect(answer.get('username*')).toBe("UTF-8''J%C3%A4s%C3%B8n%27s")
    expect(answer.has('username')).toBe(false)
  })

  it('is sent as its bytes where the server does not say so', () => {
    const answer = answerTo({...own, user: '\u00e4', challenge: offer('')})
    expect(Buffer.from(answer.get('username') ?? '', 'latin1').toString()).toBe('\u00e4')
  })

  it('with quotes and backslashes stays inside its quotes', () => {
    const answer = answerTo({...own, user: 'a"\\b', challenge: offer('')})
    expect(answer.get('username')).toBe('a\\"\\\\b')
  })
})

const ana = {user: 'ana', password: canary('digest')}
const asked: DataOptions = {authentication: {credential: {kind: 'password', ...ana}, methods: 'digest'}}

describe('Digest with a server that checks every answer', () => {
  const variants: readonly (readonly [string, DigestRules])[] = [
    ['MD5', {algorithm: 'MD5'}],
    ['no algorithm named', {}],
    ['SHA-256', {algorithm: 'SHA-256'}],
    ['SHA-512-256', {algorithm: 'SHA-512-256'}],
    ['MD5-sess', {algorithm: 'MD5-sess'}],
    ['SHA-256-sess', {algorithm: 'SHA-256-sess'}],
    ['SHA-512-256-sess', {algorithm: 'SHA-512-256-sess'}],
    ['integrity of the body', {qop: 'auth-int'}],
    ['both qualities of protection', {qop: 'auth,auth-int'}],
    ['no quality of protection', {qop: undefined}],
    ['a realm with quotes', {realm: 'a, b'}],
    ['a domain, which is ignored', {extra: 'domain="/elsewhere"'}]
  ]

  it.each(variants)('signs in with %s, and then without being asked', async (_what, rules) => {
    await using origin = await startOrigin()
    const guard = new DigestGuard(ana, rules)
    origin.on('*', guard.handle)
    const {get} = visitor()
    expect(await get(origin.url('/first?a=%2F&b'), asked)).toMatchObject({body: 'welcome to /first?a=%2F&b'})
    expect(await get(origin.url('/second'), asked)).toMatchObject({body: 'welcome to /second'})
    expect(origin.requests).toHaveLength(3)
    expect(guard.accepted.map(given => given.get('nc'))).toEqual(
      'qop' in rules && rules.qop === undefined ? [undefined, undefined] : ['00000001', '00000002']
    )
    expect(origin.requests.map(({rawHead}) => rawHead).join()).not.toContain('canary-')
  })

  it('prefers proof of the request to proof of its body, which is empty', async () => {
    await using origin = await startOrigin()
    const guard = new DigestGuard(ana, {qop: 'auth-int,auth'})
    origin.on('*', guard.handle)
    await visitor().get(origin.url('/'), asked)
    expect(guard.accepted[0]?.get('qop')).toBe('auth')
  })

  it('takes a new nonce for a stale one without counting that as a failure', async () => {
    await using origin = await startOrigin()
    const guard = new DigestGuard(ana, {uses: 1})
    origin.on('*', guard.handle)
    const failures: number[] = []
    const {get} = visitor(
      {},
      {
        didDecideChallenge: (_task, {disposition, previousFailureCount}) => {
          if (disposition === 'useCredential') failures.push(previousFailureCount)
        }
      }
    )
    for (const path of ['/1', '/2', '/3'])
      expect((await get(origin.url(path), asked)).body).toBe(`welcome to ${path}`)
    expect(guard.accepted.map(given => given.get('nonce'))).toEqual(['nonce-1', 'nonce-2', 'nonce-3'])
    expect(guard.accepted.map(given => given.get('nc'))).toEqual(['00000001', '00000001', '00000001'])
    expect(failures).toEqual([0])
  })

  it('takes a new nonce also where the first answer comes too late', async () => {
    await using origin = await startOrigin()
    origin.script('/', [
      challenge('Digest realm="r", nonce="1", qop="auth"'),
      challenge('Digest realm="r", nonce="2", qop="auth", stale=true'),
      respond(200)
    ])
    expect((await visitor().get(origin.url('/'), asked)).outcome.response?.status).toBe(200)
    expect(parametersOf(origin.requests[2]?.header('authorization') ?? '')?.get('nonce')).toBe('2')
  })

  it('with -sess hashes the password once, with the first nonces (RFC 7616, 3.4.2)', () => {
    const digest = readDigestChallenge(
      parseChallenges(['Digest realm="r", nonce="1", qop="auth", algorithm=SHA-256-sess'])[0] ??
        expect.fail('no challenge')
    )
    const state = new DigestState()
    state.adopt(digest ?? expect.fail('no Digest'))
    const next = () => parametersOf(state.answer({method: 'GET', uri: '/'}, {kind: 'password', ...ana}) ?? '')
    const [first] = [next(), state.note({nextNonce: '2', responseAuth: undefined})]
    const second = next()
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
    const clientNonce = first?.get('cnonce') ?? expect.fail('no nonce')
    const secret = hash(`${hash(`ana:r:${ana.password}`)}:1:${clientNonce}`)
    expect(second?.get('response')).toBe(hash(`${secret}:2:00000001:${clientNonce}:auth:${hash('GET:/')}`))
  })

  it('uses the nonce that an answer names as the next', async () => {
    await using origin = await startOrigin()
    const guard = new DigestGuard(ana, {next: true})
    origin.on('*', guard.handle)
    const {get} = visitor()
    for (const path of ['/1', '/2', '/3']) await get(origin.url(path), asked)
    expect(origin.requests).toHaveLength(4)
    expect(guard.accepted.map(given => given.get('nonce'))).toEqual(['nonce-1', 'nonce-2', 'nonce-3'])
  })

  it('does not go round for ever where every nonce is called stale', async () => {
    await using origin = await startOrigin()
    origin.on('*', new DigestGuard(ana, {uses: 0}).handle)
    const {outcome} = await visitor().get(origin.url('/'), {...asked, httpErrors: 'deliver'})
    expect(outcome.response?.status).toBe(401)
    expect(origin.requests.length).toBeLessThan(15)
  })

  it('stops after one wrong password', async () => {
    await using origin = await startOrigin()
    origin.on('*', new DigestGuard({...ana, password: 'other'}).handle)
    const {outcome} = await visitor().get(origin.url('/'), {...asked, httpErrors: 'deliver'})
    expect(outcome.response?.status).toBe(401)
    expect(origin.requests).toHaveLength(2)
  })

  it('counts on under many requests at once', async () => {
    await using origin = await startOrigin()
    const guard = new DigestGuard(ana, {qop: undefined})
    origin.on('*', guard.handle)
    const {get} = visitor()
    await get(origin.url('/0'), asked)
    const visits = await Promise.all(['/1', '/2', '/3', '/4'].map(path => get(origin.url(path), asked)))
    expect(visits.map(({outcome}) => outcome.response?.status)).toEqual([200, 200, 200, 200])
    expect(origin.requests).toHaveLength(6)
  })
})
