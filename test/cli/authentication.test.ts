import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import {basicGuard, challenge, DigestGuard} from '../engine/authentication/guards.ts'
import {echo, redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {filesIn} from './files-in.ts'
import {explanation} from './said.ts'

let origin: Origin
let ana: {user: string; password: string}
let pair: string
const print = ['get', '-o', '-']

beforeAll(async () => {
  origin = await startOrigin()
  ana = {user: 'ana', password: canary('cli', origin)}
  pair = `${ana.user}:${ana.password}`
  origin.on('/open', respond(200, {}, 'open'))
  origin.on('/basic', basicGuard(ana))
  origin.on('/both', (request, reply) => {
    const isDigest = request.header('authorization')?.startsWith('Digest ')
    const enter = isDigest ? echo : challenge('Basic realm="r"', 'Digest realm="r", nonce="n", qop="auth"')
    return enter(request, reply)
  })
})
afterAll(() => origin.close())

/** What the requests since then said of who asks, by scheme. */
function schemesSince(count: number): readonly (string | undefined)[] {
  return origin.requests.slice(count).map(request => request.header('authorization')?.replace(/ .*/, ''))
}

describe('-u', () => {
  it('is sent as Basic at once, and answers Digest where that is wanted', async () => {
    const guard = new DigestGuard(ana)
    origin.on('/digest', guard.handle)
    const before = origin.requests.length
    const run = await runFerry([...print, '-u', 'env:PAIR', origin.url('/digest')], {env: {PAIR: pair}})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: 'welcome to /digest'})
    expect(schemesSince(before)).toEqual(['Basic', 'Digest'])
  })

  it('with --digest never sends the password', async () => {
    const before = origin.requests.length
    const env = {PAIR: pair}
    const run = await runFerry([...print, '--digest', '-u', 'env:PAIR', origin.url('/both')], {env})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(schemesSince(before)).toEqual([undefined, 'Digest'])
    const refused = await runFerry([...print, '--digest', '-u', 'env:PAIR', origin.url('/basic')], {env})
    expect(refused).toMatchObject({code: 22})
    expect(schemesSince(before).slice(2)).toEqual([undefined])
  })

  it('with --anyauth asks first, and then uses the strongest method', async () => {
    const before = origin.requests.length
    const env = {PAIR: pair}
    for (const path of ['/both', '/basic', '/open']) {
      const run = await runFerry([...print, '--anyauth', '-u', 'env:PAIR', origin.url(path)], {env})
      expect(run, run.stderr).toMatchObject({code: 0})
    }
    expect(schemesSince(before)).toEqual([undefined, 'Digest', undefined, 'Basic', undefined])
  })

  it('that is wrong ends with 22 after one try, and says what to do', async () => {
    const before = origin.requests.length
    const started = performance.now()
    const run = await runFerry([...print, '-u', 'env:PAIR', origin.url('/basic')], {env: {PAIR: 'ana:wrong'}})
    expect(performance.now() - started).toBeLessThan(5000)
    expect(run).toMatchObject({code: 22, stdout: ''})
    expect(schemesSince(before)).toEqual(['Basic'])
    expect(run.stderr).toContain('127.0.0.1 does not take the name and password')
    expect(explanation(run).next).toContain('-u')
  })

  it('that is missing ends with 22 after one request [3A 69]', async () => {
    const before = origin.requests.length
    const run = await runFerry([...print, origin.url('/basic')])
    expect(run).toMatchObject({code: 22})
    expect(schemesSince(before)).toEqual([undefined])
    expect(explanation(run).next).toContain('-u')
  })

  it('that stayed behind at a redirection is named, one that was sent there too is not', async () => {
    await using elsewhere = await startOrigin()
    elsewhere.on('/there', challenge('Basic realm="r"'))
    const password = canary('trusted', origin, elsewhere)
    origin.on('/off', redirect(302, elsewhere.url('/there')))
    const ask = (...words: readonly string[]) =>
      runFerry([...print, ...words, '-u', 'env:PAIR', origin.url('/off')], {env: {PAIR: `ana:${password}`}})
    expect((await ask()).stderr).toContain('Authorization was not sent to')
    expect((await ask('--location-trusted')).stderr).not.toContain('was not sent')
    const said = elsewhere.requests.map(({headers}) => headers.has('authorization'))
    expect(said).toEqual([false, true])
  })

  it('without a password asks for it on the terminal, and does not show it', async () => {
    const ferry = startOnTerminal(['get', '-q', '-u', 'ana', '-o', '/dev/null', origin.url('/basic')])
    await ferry.until(/Password for ana: /)
    ferry.press(`${ana.password}\r`)
    const {code, screen} = await ferry.done
    expect(code, screen).toBe(0)
    expect(screen).not.toContain('canary-')
  })

  it('goes before the name in the address, and both before netrc', async () => {
    const netrc = join(scratchFolder(), 'netrc')
    writeFileSync(netrc, 'machine 127.0.0.1 login bob password x\n', {mode: 0o600})
    const address = origin.url('/open').replace('//', '//eve:y@')
    const given = [['-u', 'env:PAIR', address], [address], [origin.url('/open')]]
    const before = origin.requests.length
    for (const words of given) {
      await runFerry([...print, '--netrc-file', netrc, ...words], {env: {PAIR: pair}})
    }
    const said = origin.requests.slice(before).map(request => request.header('authorization')?.slice(6) ?? '')
    expect(said.map(word => Buffer.from(word, 'base64').toString())).toEqual([pair, 'eve:y', 'bob:x'])
  })

  it('with @ and / in the password asks the host of the address, no other [CVE 38]', async () => {
    const secret = `p@localhost:1/${canary('at', origin)}`
    const before = origin.requests.length
    const run = await runFerry([...print, '-v', '-u', 'env:PAIR', origin.url('/open')], {
      env: {PAIR: `ana:${secret}`}
    })
    expect(run, run.stderr).toMatchObject({code: 0})
    const address = origin.url('/open').replace('//', `//ana:${encodeURIComponent(secret)}@`)
    expect(await runFerry([...print, address])).toMatchObject({code: 0})
    const requests = origin.requests.slice(before)
    expect(requests.map(request => request.header('host'))).toEqual(Array(2).fill(`127.0.0.1:${origin.port}`))
    const said = requests.map(request => request.header('authorization')?.slice(6) ?? '')
    expect(said.map(word => Buffer.from(word, 'base64').toString())).toEqual(Array(2).fill(`ana:${secret}`))
  })

  it.each([
    ['two secrets', ['-u', 'env:PAIR', '--oauth2-bearer', 'env:PAIR']],
    ['a token that Digest cannot use', ['--digest', '--oauth2-bearer', 'env:PAIR']],
    ['a token that is empty', ['--oauth2-bearer', 'env:EMPTY']],
    ['a token of two words', ['--oauth2-bearer', 'env:WORDS']],
    ['a control character', ['-u', 'env:CONTROL']],
    ['credentials for a proxy in a header [CVE 30]', ['-H', 'Proxy-Authorization: Basic x']]
  ])('and its like end with 2 for %s', async (_what, words) => {
    const before = origin.requests.length
    const env = {PAIR: pair, EMPTY: '', WORDS: 'a b', CONTROL: 'ana:a\tb'}
    const run = await runFerry([...print, ...words, origin.url('/open')], {env})
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(run.stderr).not.toContain('canary-')
    expect(origin.requests).toHaveLength(before)
  })
})

describe('what is shown of signing in', () => {
  it('is the challenge, and never the answer: -v, -D, --events, resume data', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    origin.on('/shown', new DigestGuard(ana, {algorithm: 'SHA-256'}).handle)
    const words = ['get', '-v', '--events', '-D', 'heads', '-o', 'F', '--anyauth', '-u', 'env:PAIR']
    const run = await runFerry([...words, origin.url('/shown')], {cwd, env: {PAIR: pair, FERRY_HOME: home}})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(run.stderr).toMatch(/< www-authenticate: Digest realm="guarded"/i)
    expect(run.stderr).toMatch(/> authorization: Digest \*\*\*/i)
    const events = run.stdout
      .trimEnd()
      .split('\n')
      .map(each => JSON.parse(each) as Record<string, unknown>)
    expect(events.filter(({event}) => event === 'task.challenge')).toMatchObject([
      {
        scope: 'task',
        method: 'Digest',
        realm: 'guarded',
        previousFailureCount: 0,
        disposition: 'useCredential'
      }
    ])
    const answered = origin.requestsOf('/shown')[1]?.header('authorization') ?? ''
    const secrets = [/response="(\w+)"/, /cnonce="([^"]+)"/].map(
      pattern => pattern.exec(answered)?.[1] ?? 'none'
    )
    const shown = [run.stdout, run.stderr, ...[cwd, home].flatMap(filesIn).map(({content}) => content)].join(
      '\n'
    )
    for (const secret of [...secrets, 'canary-']) expect(shown).not.toContain(secret)
    expect(readFileSync(join(cwd, 'heads'), 'utf8')).not.toContain('cnonce')
  })
})

describe('ferry resume', () => {
  it('continues with -u given again; without it, ends with 22', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home, PAIR: pair}
    const resource = {body: 'x'.repeat(2000), entityTag: '"v1"'}
    origin.serve('/cut', {...resource, fault: {cutAfter: 700}})
    const flags = ['--retry', '0', '-u', 'env:PAIR']
    const cut = await runFerry(['get', ...flags, '-o', 'F', origin.url('/cut')], {cwd, env})
    expect(cut, cut.stderr).toMatchObject({code: 18})
    expect(existsSync(join(cwd, 'F.ferry'))).toBe(true)
    const whole = new DigestGuard(ana, {inside: echo})
    origin.on('/cut', whole.handle)
    expect(await runFerry(['resume', 'F.ferry', '--retry', '0'], {cwd, env})).toMatchObject({code: 22})
    const before = origin.requests.length
    await runFerry(['resume', 'F.ferry', '--digest', ...flags], {cwd, env})
    expect(schemesSince(before).slice(0, 2)).toEqual([undefined, 'Digest'])
    expect(origin.requests[before + 1]?.header('range')).toBe('bytes=700-')
  })
})
