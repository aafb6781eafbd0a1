import {mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {diagnose} from './diagnosis.ts'
import {canary, entrust} from '../canary/canary.ts'

const cookieSecret = canary('cookie')
const cookieSecret2 = canary('cookie')
const cookieSecret3 = canary('cookie')
const tokenSecret = canary('token')
const netrcSecret = canary('netrc')
const basicSecret = canary('basic')
const tokenSecret2 = canary('token')
const netrcSecret2 = canary('netrc')
const basicSecret2 = canary('basic')
const keptSecret = canary('kept')

let origin: Origin
beforeAll(async () => {
  origin = await startOrigin()
  for (const each of [
    cookieSecret,
    cookieSecret2,
    cookieSecret3,
    tokenSecret,
    netrcSecret,
    basicSecret,
    tokenSecret2,
    netrcSecret2,
    basicSecret2,
    keptSecret
  ])
    entrust(each, origin)
})
afterAll(() => origin.close())

describe('doctor on cookies', () => {
  it('names those that would be sent to an address, never their values', async () => {
    const crossing = new Crossing()
    const cookies = [`id=${cookieSecret}; Max-Age=600`, `deep=${cookieSecret2}; Max-Age=600; Path=/deep`]
    origin.on('/login', (_request, reply) =>
      reply.respond(
        200,
        [
          ['Set-Cookie', cookies[0] ?? ''],
          ['Set-Cookie', cookies[1] ?? '']
        ],
        'x'
      )
    )
    await crossing.run(['get', '-o', 'x', origin.url('/login')])
    const at = async (path: string, ...flags: readonly string[]) =>
      diagnose([...flags, '-o', 'x', origin.url(path)], crossing.options)
    const [top, deep] = [await at('/'), await at('/deep/a')]
    expect(top.about('cookies')).toEqual(['sent from the store: id'])
    expect(deep.about('cookies')).toEqual([
      expect.stringMatching(/^sent from the store: (deep, id|id, deep)$/)
    ])
    expect(top.about('stores').join()).toContain('2 cookies')
    const given = await at('/', '-b', `mine=${cookieSecret3}`)
    expect(given.about('cookies')[0]).toBe('sent as you give them: mine')
    const ephemeral = await at('/', '--ephemeral')
    expect(ephemeral.about('cookies')).toEqual(['none is stored for this address'])
    expect(ephemeral.about('stores')).toEqual([])
    expect([top, deep, given, ephemeral].map(({text}) => text).join()).not.toContain('canary-')
  })
})

describe('doctor on credentials', () => {
  it.each<[string, readonly string[], string]>([
    ['nobody', [], 'none is configured or stored for this address'],
    ['-u', ['-u', 'env:WHO'], 'name and password of joe of the command line'],
    [
      '-u with --digest',
      ['-u', 'env:WHO', '--digest'],
      'name and password of joe of the command line, for Digest alone'
    ],
    ['--oauth2-bearer', ['--oauth2-bearer', 'env:TOKEN'], 'bearer token of the command line'],
    [
      'a header',
      ['-H', `Authorization: Bearer ${tokenSecret}`],
      'the Authorization header that you give, and nothing else'
    ],
    ['netrc', ['--netrc-file', 'netrc'], 'name and password of ann of the netrc file']
  ])('knows %s by kind and name alone', async (_what, flags, expected) => {
    const crossing = new Crossing()
    writeFileSync(crossing.path('netrc'), `machine 127.0.0.1 login ann password ${netrcSecret}\n`, {
      mode: 0o600
    })
    const env = {...crossing.options.env, WHO: `joe:${basicSecret}`, TOKEN: tokenSecret2}
    const {about, text, code} = await diagnose([...flags, origin.url('/')], {...crossing.options, env})
    expect(code).toBe(0)
    expect(about('credentials')).toEqual([expected])
    expect(text).not.toContain('canary-')
  })

  it('tells who comes after whom', async () => {
    const crossing = new Crossing()
    writeFileSync(crossing.path('netrc'), `default login ann password ${netrcSecret2}\n`, {mode: 0o600})
    const env = {...crossing.options.env, WHO: `joe:${basicSecret2}`}
    const flags = ['-u', 'env:WHO', '--netrc-file', 'netrc', '--negotiate']
    const {about, text} = await diagnose([...flags, origin.url('/')], {...crossing.options, env})
    expect(about('credentials')).toEqual([
      'name and password of joe of the command line',
      expect.stringMatching(/^then: Kerberos ticket/),
      'then: name and password of ann of the netrc file'
    ])
    expect(text).not.toContain('canary-')
  })

  it('names what is stored for the very server and realm, and for no other', async () => {
    const crossing = new Crossing()
    const work = {
      kind: 'default',
      revision: 1,
      description: null,
      configuration: {'credentials.persistence': 'permanent'}
    }
    mkdirSync(join(crossing.home, 'config'), {mode: 0o700})
    const text = JSON.stringify({version: 1, sessions: {work}})
    writeFileSync(join(crossing.home, 'config', 'sessions.json'), text, {mode: 0o600})
    origin.on('/private', (request, reply) =>
      request.header('authorization') === undefined
        ? reply.respond(401, {'WWW-Authenticate': 'Basic realm="the vault"'}, '')
        : reply.respond(200, {}, 'x')
    )
    const env = {...crossing.options.env, WHO: `joe:${keptSecret}`}
    const flags = ['--session', 'work', '-u', 'env:WHO', '--anyauth', '-o', 'x']
    const run = await crossing.run(['get', ...flags, origin.url('/private')], {env})
    expect(run.code).toBe(0)
    const at = (url: string) => diagnose(['--session', 'work', url], crossing.options)
    const [there, elsewhere] = [await at(origin.url('/')), await at('http://127.0.0.1:1/')]
    expect(there.about('credentials')).toEqual(['the stored one for Basic at "the vault"'])
    expect(there.about('stores').join()).toContain('credentials of this session for 1 place')
    expect(elsewhere.about('credentials')).toEqual(['none is configured or stored for this address'])
    expect(there.text).not.toContain('canary-')
  })
})

describe('doctor on the cache', () => {
  it('tells what is stored for an address and whether the server would be asked', async () => {
    const crossing = new Crossing()
    origin.on('/fresh', respond(200, {'Cache-Control': 'max-age=600', ETag: '"v1"'}, 'answer'))
    origin.on('/stale', respond(200, {'Cache-Control': 'max-age=0', ETag: '"v1"'}, 'answer'))
    for (const path of ['/fresh', '/stale']) await crossing.run(['get', '-o', '-', origin.url(path)])
    const before = origin.requests.length
    const at = async (path: string, output: string) =>
      (await diagnose(['-o', output, origin.url(path)], crossing.options)).about('cache')
    expect(await at('/fresh', '-')).toEqual([
      expect.stringMatching(/^stored: status 200, .*, fresh, asked again by etag$/),
      'with the policy protocol it is used, and nobody is asked'
    ])
    expect(await at('/stale', '-')).toEqual([
      expect.stringMatching(/, stale, /),
      'with the policy protocol the server is asked whether it is still right'
    ])
    expect(await at('/other', '-')).toEqual(['no answer is stored for this address'])
    expect(await at('/fresh', 'F')).toEqual(['files never come from the cache'])
    expect(origin.requests).toHaveLength(before)
  })

  it('leaves the store as it is, as if nobody had looked', async () => {
    const crossing = new Crossing()
    origin.on('/kept', respond(200, {'Cache-Control': 'max-age=600'}, 'answer'))
    await crossing.run(['get', '-o', '-', origin.url('/kept')])
    const state = join(crossing.home, 'state')
    const look = () => ['.', ...readdirSync(state)].map(name => [name, statSync(join(state, name)).mtimeMs])
    const before = look()
    await diagnose(['-o', '-', origin.url('/kept')], crossing.options)
    expect(look()).toEqual(before)
  })
})
