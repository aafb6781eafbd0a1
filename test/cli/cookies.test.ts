import {existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {canary, entrust} from '../canary/canary.ts'

const cookieSecret = canary('cookie')

const secret = cookieSecret

/** One user, who asks one origin. */
class User {
  readonly origin: Origin
  readonly home = scratchFolder()
  readonly cwd = scratchFolder()

  constructor(origin: Origin) {
    this.origin = origin
  }

  get(path: string, ...flags: readonly string[]): Promise<Run> {
    return runFerry(['get', flags.includes('-v') ? '-v' : '-q', '-o', '-', ...flags, this.origin.url(path)], {
      cwd: this.cwd,
      env: {FERRY_HOME: this.home, LOGIN: `login=${secret}`}
    })
  }

  /** The cookies that a run of ferry sends. */
  async sent(...flags: readonly string[]): Promise<string | undefined> {
    expect(await this.get('/echo', ...flags)).toMatchObject({code: 0, stderr: ''})
    return this.origin.requestsOf('/echo').at(-1)?.header('cookie')
  }

  file(name: string, text: string): string {
    writeFileSync(join(this.cwd, name), text)
    return name
  }

  read(name: string): string {
    return readFileSync(join(this.cwd, name), 'latin1')
  }
}

async function user(): Promise<User> {
  const origin = await startOrigin()
  entrust(secret, origin)
  onTestFinished(() => origin.close())
  origin.on('*', respond(200, {}, 'ok'))
  origin.on('/set', (_request, reply) =>
    reply.respond(200, [
      ['set-cookie', `sid=${secret}`],
      ['set-cookie', 'keep=1; Max-Age=600']
    ])
  )
  return new User(origin)
}

const row = (name: string, domain = '127.0.0.1'): string => `${domain}\tFALSE\t/\tFALSE\t0\t${name}\t1\n`

describe('cookies of the shared session', () => {
  it('are what the next command sends, also those without an expiry, and no command shows them [R7, 3A 62]', async () => {
    const one = await user()
    const {code, stdout, stderr} = await one.get('/set', '-v')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('set-cookie')})
    expect(await one.sent()).toBe(`sid=${secret}; keep=1`)
    expect(stdout + stderr).not.toContain(secret)
    const state = join(one.home, 'state')
    expect(statSync(join(state, 'stores.sqlite')).mode & 0o777).toBe(0o600)
    expect(statSync(state).mode & 0o777).toBe(0o700)
  })

  it('are not sent by an ephemeral one, which shares its own among its addresses [R8, 3A 63]', async () => {
    const one = await user()
    await one.get('/set')
    expect(await one.sent('--ephemeral')).toBeUndefined()
    const urls = ['/set', '/echo'].map(path => one.origin.url(path))
    await runFerry(['get', '--ephemeral', '-o', '-', '-o', '-', ...urls], {
      cwd: one.cwd,
      env: {FERRY_HOME: one.home}
    })
    expect(one.origin.requestsOf('/echo').at(-1)?.header('cookie')).toBe(`sid=${secret}; keep=1`)
  })

  it('do not follow a redirection to another host [CVE 32]', async () => {
    const one = await user()
    one.origin.on('/away', redirect(302, one.origin.url('/echo', 'localhost')))
    await one.get('/set')
    await one.get('/away')
    expect(one.origin.requestsOf('/away')[0]?.header('cookie')).toContain('sid=')
    expect(one.origin.requestsOf('/echo')[0]?.header('cookie')).toBeUndefined()
  })

  it('lie where the system keeps the state of programs, unless FERRY_HOME moves them [3B 88]', async () => {
    const one = await user()
    const env = {FERRY_HOME: undefined, XDG_STATE_HOME: join(one.home, 'xdg'), HOME: one.home}
    await runFerry(['get', '-o', '-', one.origin.url('/set')], {cwd: one.cwd, env})
    const state = process.platform === 'linux' ? 'xdg/ferry' : 'Library/Application Support/ferry'
    expect(existsSync(join(one.home, state, 'stores.sqlite'))).toBe(true)
  })

  it('make no file where no server sets one', async () => {
    const one = await user()
    await one.sent()
    expect(existsSync(join(one.home, 'state', 'stores.sqlite'))).toBe(false)
  })
})

describe('-b', () => {
  it('takes cookies, files of them, and both; an empty one means nothing', async () => {
    const one = await user()
    const file = one.file('c.txt', row('file') + row('foreign', 'h.example'))
    expect(await one.sent('-b', 'a=1', '-b', file, '-b', 'b=2;')).toBe('a=1; b=2; file=1')
    expect(await one.sent('-b', '')).toBeUndefined()
    expect(one.read('c.txt')).toBe(row('file') + row('foreign', 'h.example'))
  })

  it('takes a cookie out of a file or a variable, and never shows it', async () => {
    const one = await user()
    one.file('login', `login=${secret}\n`)
    expect(await one.sent('-b', '@login')).toBe(`login=${secret}`)
    expect(await one.sent('-b', 'env:LOGIN')).toBe(`login=${secret}`)
    const {stderr} = await one.get('/echo', '-v', '-b', '@login')
    expect(stderr).toMatch(/cookie: /i)
    expect(stderr).not.toContain(secret)
  })

  it('with a cookie is for one origin; with a file, for as many as the file names', async () => {
    const one = await user()
    const file = one.file('c.txt', row('file'))
    const urls = [one.origin.url('/echo', 'localhost'), one.origin.url('/echo', '127.0.0.1')]
    const ask = (cookie: string): Promise<Run> =>
      runFerry(['get', '-o', '-', '-o', '-', '-b', cookie, ...urls], {cwd: one.cwd})
    expect(await ask('a=1')).toMatchObject({code: 2})
    expect(await ask(file)).toMatchObject({code: 0})
    const sent = one.origin.requestsOf('/echo').map(request => request.header('cookie'))
    expect(sent).toEqual([undefined, 'file=1'])
  })

  it('that names no file stops before anything is asked', async () => {
    const one = await user()
    const run = await one.get('/echo', '-b', 'sessoin')
    expect(run).toMatchObject({code: 26, stderr: expect.stringContaining('NAME=VALUE')})
    expect(one.origin.requests).toEqual([])
  })

  it('tells of lines that cannot be used, and goes on', async () => {
    const one = await user()
    const file = one.file('c.txt', `${row('file')}nonsense\n`)
    const run = await runFerry(['get', '-o', '-', '-b', file, one.origin.url('/echo')], {cwd: one.cwd})
    expect(run).toMatchObject({code: 0, stderr: expect.stringMatching(/1 line of the cookie file/)})
    expect(one.origin.requestsOf('/echo')[0]?.header('cookie')).toBe('file=1')
  })
})

describe('--cookie-jar', () => {
  it('keeps cookies in a file of this user instead of the store, from command to command [P16]', async () => {
    const one = await user()
    await one.get('/set', '--cookie-jar', 'jar')
    expect(one.read('jar')).toMatch(/^# Netscape HTTP Cookie File\n/)
    expect(statSync(join(one.cwd, 'jar')).mode & 0o777).toBe(0o600)
    expect(await one.sent('--cookie-jar', 'jar')).toBe(`sid=${secret}; keep=1`)
    expect(await one.sent()).toBeUndefined()
    expect(await one.sent('--ephemeral', '-b', 'jar')).toBe(`sid=${secret}; keep=1`)
  })

  it('is written by a run that fails, too', async () => {
    const one = await user()
    one.origin.on('/denied', (_request, reply) => reply.respond(403, {'set-cookie': 'a=1'}))
    expect(await one.get('/denied', '--cookie-jar', 'jar')).toMatchObject({code: 22})
    expect(one.read('jar')).toContain('\ta\t1\n')
  })

  it('loses nothing when two commands write it at once', async () => {
    const one = await user()
    for (const name of ['a', 'b', 'c', 'd']) {
      one.origin.on(`/${name}`, (_request, reply) => reply.respond(200, {'set-cookie': `${name}=1`}))
    }
    await Promise.all(['a', 'b', 'c', 'd'].map(name => one.get(`/${name}`, '--cookie-jar', 'jar')))
    expect((await one.sent('--cookie-jar', 'jar'))?.split('; ').toSorted()).toEqual([
      'a=1',
      'b=1',
      'c=1',
      'd=1'
    ])
    expect(readdirSync(one.cwd)).toEqual(['jar'])
  })

  it.each([
    ['-', 2],
    ['', 2],
    ['missing/jar', 23]
  ])('as %j stops before anything is asked', async (jar, code) => {
    const one = await user()
    expect(await one.get('/set', '--cookie-jar', jar)).toMatchObject({code})
    expect(one.origin.requests).toEqual([])
  })

  it('that cannot be written in the end fails the run, whose file is there', async () => {
    const one = await user()
    const folder = join(one.cwd, 'sub')
    mkdirSync(folder)
    const lost = `rm -r ${folder}`
    one.origin.on('/last', async (_request, reply) => {
      const {rmSync} = await import('node:fs')
      rmSync(folder, {recursive: true})
      await reply.respond(200, {'set-cookie': 'a=1'}, lost)
    })
    const run = await one.get('/last', '--cookie-jar', 'sub/jar')
    expect(run).toMatchObject({
      code: 23,
      stdout: lost,
      stderr: expect.stringContaining('sub/jar cannot be written')
    })
  })
})
