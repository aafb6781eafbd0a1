import {mkdirSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {explanation} from './said.ts'
import {canary} from '../canary/canary.ts'

const wordsSecret = canary('words')
const expandedSecret = canary('expanded')

let origin: Origin
let user: Crossing

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('/login', respond(200, {'Set-Cookie': `sid=${wordsSecret}; Path=/`}, 'welcome'))
  origin.on('/here', redirect(302, '/login'))
})
afterAll(() => origin.close())
beforeEach(() => {
  user = new Crossing()
})

describe('A flag of curl that is not one of get', () => {
  it.each([
    ['--socks5-hostname', /-x socks5:/],
    ['--socks4', /socks5/],
    ['--proxy-header', /-H/],
    ['--proxy-negotiate', /--proxy-user/],
    ['--proxy-digest', /--proxy-user/],
    ['--proxy-insecure', /--cacert/],
    ['--proxy-cert', /not shown to proxies/],
    ['--proxytunnel', /leave it out/],
    ['--no-proxy', /-x ""/],
    ['--tls13-ciphers', /--tlsv1\.3/],
    ['--sslv3', /--tlsv1\.2/],
    ['--key-type', /PKCS#12/],
    ['--delegation', /leave it out/],
    ['--junk-session-cookies', /--ephemeral/],
    ['--connect-to', /--resolve/],
    ['--doh-url', /--resolve/],
    ['--unix-socket', /-x/]
  ])('stops with what to do instead, and sends nothing: %s', async (flag, advice) => {
    const before = origin.requests.length
    const refused = await user.run(['get', flag, 'x', origin.url('/login')])
    expect(refused.code).toBe(2)
    expect(explanation(refused)).toMatchObject({
      why: `${flag} is not a flag of ferry get`,
      next: expect.stringMatching(advice)
    })
    expect(origin.requests).toHaveLength(before)
  })
})

describe('-c', () => {
  it.each(['cookies.txt', 'jar', 'session'])(
    "before a file is curl's cookie jar, and explained: %s",
    async file => {
      const refused = await user.run(['get', '-b', file, '-c', file, origin.url('/login')])
      expect(refused.code).toBe(2)
      expect(explanation(refused).next).toContain('--cookie-jar FILE')
    }
  )

  it('before an address continues', async () => {
    expect((await user.run(['get', '--ephemeral', '-o', 'F', '-c', origin.url('/login')])).code).toBe(0)
  })
})

describe('-b FILE beside --cookie-jar FILE', () => {
  it('may name the jar before it is there; another file has to be', async () => {
    const jar = ['-b', 'jar.txt', '--cookie-jar', 'jar.txt']
    const {code, stderr} = await user.run(['get', '-o', 'F', ...jar, origin.url('/login')])
    expect(code, stderr).toBe(0)
    await user.run(['get', '-o', 'F', ...jar, origin.url('/login')])
    expect(origin.requests.at(-1)?.headers.get('cookie')).toBe(`sid=${wordsSecret}`)
    const refused = await user.run([
      'get',
      '-b',
      'other.txt',
      '--cookie-jar',
      'jar.txt',
      origin.url('/login')
    ])
    expect(refused.code).toBe(26)
    expect(explanation(refused).why).toContain('other.txt')
  })
})

describe('A secret that is not there', () => {
  it('is named: the variable, but not what may be the secret itself', async () => {
    const unset = await user.run(['get', '-u', 'env:NOBODY_SET_THIS', origin.url('/login')])
    expect(unset.code).toBe(2)
    expect(explanation(unset).why).toContain('variable NOBODY_SET_THIS is not set')
    const expanded = await user.run(['get', '-u', `env:ana:${expandedSecret}`, origin.url('/login')])
    expect(expanded.code).toBe(2)
    expect(expanded.stderr).not.toContain('canary')
  })

  it('is no password of its own behind a name: -u NAME:env:VARIABLE is explained', async () => {
    const refused = await user.run(['get', '-u', 'ana:env:PASSWORD', origin.url('/login')])
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toContain('credentials.password=env:VARIABLE')
  })

  it.each(['', 'env:EMPTY'])('with no name either is refused without a question: -u %j', async given => {
    const refused = await user.run(['get', '-u', given, origin.url('/login')], {
      env: {...user.options.env, EMPTY: ''}
    })
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('there is no name')
  })

  it('in a file says why the file does not have it', async () => {
    mkdirSync(user.path('folder'))
    writeFileSync(user.path('empty'), '\n')
    await user.run(['sessions', 'create', 'one'])
    for (const [file, code, why] of [
      ['none', 26, 'it is not there'],
      ['folder', 26, 'it is a folder'],
      ['empty', 2, 'is empty']
    ] as const) {
      await user.run(['sessions', 'set', 'one', `credentials.bearer=@${file}`])
      const refused = await user.run(['get', '--session', 'one', origin.url('/login')])
      expect(refused.code).toBe(code)
      expect(explanation(refused).why).toContain(why)
    }
  })
})

describe('A hook', () => {
  it('whose program is not there is named by it', async () => {
    const refused = await user.run(['get', '--on-redirect', './nowhere --x', origin.url('/here')])
    expect(refused.code).toBe(113)
    expect(explanation(refused).why).toContain('no such program as ./nowhere')
  })

  it.each([[], ['--session', 'one']])(
    "that is empty is refused, with a session of one's own and without: %s",
    async (...session) => {
      await user.run(['sessions', 'create', 'one', '--on-redirect', 'cat'])
      const refused = await user.run(['get', ...session, '--on-redirect', '', origin.url('/here')])
      expect(refused.code).toBe(2)
      expect(explanation(refused).why).toContain('no command is given')
    }
  )
})

describe('A command behind a flag', () => {
  it('is no host to fetch from, unless it is written as an address', async () => {
    origin.requests.length = 0
    origin.on('/plain', respond(200, {}, 'here'))
    const run = await user.run(['-v', 'get', origin.url('/plain')])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).next).toContain('ferry get -v')
    expect(origin.requests).toHaveLength(0)
    const resolved = [
      '--resolve',
      `get:${origin.port}:127.0.0.1`,
      '-o',
      '-',
      `http://get:${origin.port}/plain`
    ]
    expect(await user.run(['-q', ...resolved])).toMatchObject({code: 0})
  })
})
