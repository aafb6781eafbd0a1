import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing, firstBytes, serveHalf, serveHeld, whole} from './crossing.ts'
import {explanation} from './said.ts'

let origin: Origin
let user: Crossing

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())
beforeEach(() => {
  user = new Crossing()
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
})

async function ferry(...words: readonly string[]): Promise<void> {
  const {code, stderr} = await user.run(words)
  expect(code, stderr).toBe(0)
}

function lastHeader(name: string): string | undefined {
  return origin.requests.at(-1)?.headers.get(name)
}

describe('A session', () => {
  it('gives its headers and limits to every get that names it, and to no other [R1]', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'X-Team: harbour', '-A', 'crane/1', '--max-filesize', '5')
    const {code, stderr} = await user.run(['get', '--session', 'ci', origin.url('/F')])
    expect({code, stderr}).toMatchObject({code: 63})
    expect([lastHeader('x-team'), lastHeader('user-agent')]).toEqual(['harbour', 'crane/1'])
    await ferry('get', origin.url('/F'))
    expect(lastHeader('x-team')).toBeUndefined()
    expect(lastHeader('user-agent')).toMatch(/^ferry/)
  })

  it('that nobody made is refused before anything is sent, with the nearest name [R4]', async () => {
    await ferry('sessions', 'create', 'nightly')
    const before = origin.connections
    const refused = await user.run(['get', '--session', 'nightley', origin.url('/F')])
    expect(refused.code).toBe(116)
    expect(explanation(refused)).toMatchObject({
      code: 'SESSION_UNKNOWN',
      next: expect.stringContaining('Did you mean nightly?')
    })
    expect(origin.connections).toBe(before)
  })

  it.each(['tasks', 'wait', 'pause'])(
    'that nobody made is unknown to those who look for its transfers; one without any is not: %s',
    async command => {
      const refused = await user.run([command, '--session', 'nightly'])
      expect(refused.code).toBe(116)
      expect(explanation(refused).code).toBe('SESSION_UNKNOWN')
      await ferry('sessions', 'create', 'nightly')
      for (const name of ['nightly', 'shared']) await ferry(command, '--session', name)
    }
  )

  it('loses to the headers of the request, whatever their case, and sends one of them only [R11, P17, 3A 29]', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'Header2: c', '-H', 'Header3: c', '-H', 'Header4: c')
    await ferry(
      'get',
      '--session',
      'ci',
      '-H',
      'Header1: r',
      '-H',
      'header2: r',
      '-H',
      'HEADER4: r',
      origin.url('/F')
    )
    const head = origin.requests.at(-1)?.rawHead ?? ''
    const sent = head.split('\r\n').filter(line => /^header\d:/i.test(line))
    expect(sent.map(line => line.toLowerCase()).toSorted()).toEqual([
      'header1: r',
      'header2: r',
      'header3: c',
      'header4: r'
    ])
  })

  it('loses to the time limit of the request [3A 31]', async () => {
    serveHalf(origin, '/slow')
    await ferry('sessions', 'create', 'ci', '--idle-timeout', '1h', '--retry', '0')
    await ferry('sessions', 'set', 'ci', 'hosts.127.0.0.1.timeouts.idle=1h')
    const late = await user.run(['get', '--session', 'ci', '--idle-timeout', '0.3', origin.url('/slow')])
    expect(late.code).toBe(28)
  })

  it('has rules for one host, which others do not get', async () => {
    const other = await startOrigin()
    other.serve('/F', {body: 'content', entityTag: '"v1"'})
    await ferry('sessions', 'create', 'ci', '-H', 'X-Team: all')
    await ferry('sessions', 'set', 'ci', `hosts.127.0.0.1:${origin.port}.headers.x-team=one`)
    await ferry('get', '--session', 'ci', origin.url('/F'))
    expect(lastHeader('x-team')).toBe('one')
    await ferry('get', '--session', 'ci', '--if-exists', 'replace', other.url('/F'))
    expect(other.requests.at(-1)?.headers.get('x-team')).toBe('all')
    await other.close()
  })

  it('asks the network where network.resolve sends a name', async () => {
    await ferry('sessions', 'create', 'ci', '--resolve', `files.test:${origin.port}:127.0.0.1`)
    await ferry('get', '--session', 'ci', origin.url('/F', 'files.test'))
    expect(lastHeader('host')).toBe(`files.test:${origin.port}`)
  })
})

describe('A task that runs', () => {
  it('keeps what it began with, its retries included; the next one has what was changed [R5]', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'X-Version: 1', '--retry-delay', '0.2')
    const {promise: until, resolve: lose} = Promise.withResolvers<void>()
    const faults = [{holdAfter: {bytes: firstBytes, until}, cutAfter: firstBytes + 1}]
    origin.serve('/lost', {body: whole, entityTag: '"v1"', faults})
    const running = user.start(['get', '--session', 'ci', origin.url('/lost')])
    await user.isUnderWay('lost', running)
    await ferry('sessions', 'set', 'ci', 'headers.X-Version=2')
    lose()
    expect(await running.done).toMatchObject({code: 0})
    const versions = origin.requestsOf('/lost').map(({headers}) => headers.get('x-version'))
    expect(versions).toEqual(['1', '1'])
    await ferry('get', '--session', 'ci', origin.url('/F'))
    expect(lastHeader('x-version')).toBe('2')
  })

  it('sends the header of the request although its session is edited meanwhile [3A 28]', async () => {
    await ferry('sessions', 'create', 'ci')
    const {release} = serveHeld(origin, '/held')
    const running = user.start(['get', '--session', 'ci', '-H', 'header1: value1', origin.url('/held')])
    await user.isUnderWay('held', running)
    await ferry('sessions', 'remove', 'ci')
    release()
    expect(await running.done).toMatchObject({code: 0})
    expect(readFileSync(user.path('held')).equals(whole)).toBe(true)
    expect(lastHeader('header1')).toBe('value1')
  })
})

describe('An ephemeral session of one’s own', () => {
  it('leaves nothing but the file, and takes --resume-data as the built-in one does [R8]', async () => {
    await ferry('sessions', 'create', 'quiet', '--kind', 'ephemeral', '-H', 'X-Team: a')
    await ferry('get', '--session', 'quiet', origin.url('/F'))
    expect(await user.tasks('--all')).toEqual([])
    await ferry('get', '--session', 'quiet', '--resume-data', 'r', '--if-exists', 'replace', origin.url('/F'))
    const refused = await user.run(['get', '--resume-data', 'r', '--if-exists', 'replace', origin.url('/F')])
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('--ephemeral')
  })
})

describe('A secret of a session', () => {
  it('is read when it is used: rotating it needs no change of the session', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'Authorization: Bearer env:TOKEN')
    for (const token of [canary('rotated', origin), canary('rotated', origin)]) {
      const env = {FERRY_HOME: user.home, TOKEN: token}
      const {code} = await user.run(['get', '--session', 'ci', '-o', 'F', origin.url('/F')], {env})
      expect(code).toBe(0)
      expect(lastHeader('authorization')).toBe(`Bearer ${token}`)
    }
  })

  it('that is not there stops the run before anything is sent, and names variable and session', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'Authorization: Bearer env:TOKEN')
    const before = origin.connections
    const refused = await user.run(['get', '--session', 'ci', origin.url('/F')])
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toBe(
      'The environment variable TOKEN is not set; the session ci needs it for headers.Authorization'
    )
    expect(origin.connections).toBe(before)
  })

  it('comes from a file wherever ferry is started, and cannot smuggle a header in', async () => {
    const token = canary('file', origin)
    writeFileSync(user.path('token'), `${token}\n`)
    await ferry('sessions', 'create', 'ci', '-H', 'X-Api-Key: @token')
    const elsewhere = {cwd: join(user.home, '..')}
    const run = await user.run(['get', '-o', user.path('F'), '--session', 'ci', origin.url('/F')], elsewhere)
    expect(run.code, run.stderr).toBe(0)
    expect(lastHeader('x-api-key')).toBe(token)
    writeFileSync(user.path('token'), `${token}\rX-Injected: 1\n`)
    const refused = await user.run(['get', '-o', 'F', '--session', 'ci', origin.url('/F')])
    expect(refused.code).toBe(2)
    expect(refused.stderr).not.toContain(token)
  })

  it('is not read by looking at the session, only what it refers to is shown', async () => {
    const token = canary('shown')
    await ferry('sessions', 'create', 'ci', '-u', 'env:PAIR', '-H', 'X-Api-Key: env:TOKEN')
    const env = {FERRY_HOME: user.home, TOKEN: token, PAIR: `ana:${token}`}
    for (const words of [['show', 'ci'], ['show', 'ci', '--json'], []]) {
      const {stdout, stderr} = await user.run(['sessions', ...words], {env})
      expect(stdout + stderr).not.toContain(token)
      if (words.length > 0) expect(stdout).toContain('env:TOKEN')
    }
  })
})
