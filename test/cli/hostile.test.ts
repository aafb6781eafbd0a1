import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {formatHead} from '../origin/reply.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {documentOf, eventsOf, explanation} from './said.ts'

const body = 'x'.repeat(2000)
const digest = (algorithm: string): string => createHash(algorithm).update(body).digest('hex')
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body, entityTag: '"v1"'})
})
afterAll(() => origin.close())

const commands = [
  ['a title', '\x1B]0;owned\x07'],
  ['a clearing of the screen', '\x1B[2J'],
  ['a bell', '\x07'],
  ['a colour in one character', '\u009B31m'],
  ['a change of direction', '\u202Egnp.exe']
] as const
const commanding = /[\x00-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/

describe('text of a server', () => {
  it.each(commands)('is escaped in an error page, such as %s [CVE 57]', async (_what, text) => {
    origin.on('/page', respond(404, {}, `page ${text} end${' of a long page'.repeat(9)}`))
    const run = await runFerry(['get', origin.url('/page')])
    expect(run.code).toBe(22)
    expect(run.stderr).toMatch(/ {2}page .+ end/)
    expect(run.stderr).not.toMatch(commanding)
  })

  it.each(commands)(
    'is escaped in a reason and a header, or refused there, such as %s [CVE 57]',
    async (_what, text) => {
      const bytes = Buffer.from(text).toString('latin1')
      origin.on('/head', async (_request, reply) => {
        const head = formatHead(404, {'content-length': '0', 'x-nasty': `a${bytes}b`}).toString('latin1')
        await reply.raw(Buffer.from(head.replace('Not Found', `No${bytes}`), 'latin1'))
        await reply.fin()
      })
      const run = await runFerry(['get', '-v', '--retry', '0', '--events', origin.url('/head')])
      expect([8, 22]).toContain(run.code)
      expect(run.stderr).not.toMatch(commanding)
      expect(run.stdout).not.toMatch(commanding)
      expect(eventsOf(run).at(-1)?.event).toBe('session.invalidated')
    }
  )

  it.each(commands)('is no part of a name, such as %s [CVE 57]', async (_what, text) => {
    const encoded = encodeURIComponent(`a${text}b`)
    origin.serve('/named', {
      body: 'x',
      headers: {'content-disposition': `attachment; filename*=UTF-8''${encoded}`}
    })
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--json', origin.url('/named')], {cwd})
    expect(run.code).toBe(0)
    expect(readdirSync(cwd)[0]).not.toMatch(commanding)
    expect(run.stderr + documentOf(run).tasks[0]?.path).not.toMatch(commanding)
  })

  it('in a URL of the user is not printed raw either', async () => {
    const run = await runFerry(['get', `${origin.url('/F')}\x1B[2J`])
    expect(run.code).toBe(3)
    expect(run.stderr).not.toMatch(commanding)
  })
})

describe('words that would change the request', () => {
  it.each([
    ['a line end in a header', 'CVE 46', ['-H', 'X: a\r\nY: b']],
    ['a line feed in a header', 'CVE 46', ['-H', 'X: a\nY: b']],
    ['a zero in a header name', 'CVE 46', ['-H', 'X\x01: a']],
    ['a line end in the method', 'CVE 46', ['-X', 'G\r\nE']],
    ['a line end in the user agent', 'CVE 46', ['-A', 'a\r\nY: b']],
    ['a line end in the referer', 'CVE 46', ['-e', 'a\r\nY: b']],
    ['a length of its own', 'CVE 48', ['-H', 'content-length: 1']],
    ['a coding of its own', 'CVE 48', ['-H', 'Transfer-Encoding: chunked']],
    ['credentials for a proxy', 'CVE 30', ['-H', 'Proxy-Authorization: x']]
  ])('are refused before anything is sent: %s [%s]', async (_what, _row, flags) => {
    const before = origin.requests.length
    const run = await runFerry(['get', '-o', '-', ...flags, origin.url('/F')])
    expect(run, run.stderr).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).code).toBe('USAGE')
    expect(origin.requests).toHaveLength(before)
  })

  it('stay encoded where the URL carries them [CVE 46]', async () => {
    await runFerry(['get', '-o', '-', '--no-fail', `${origin.url('/a')}%0d%0aX:%20b`])
    expect(origin.requests.at(-1)?.target).toBe('/a%0d%0aX:%20b')
    expect(origin.requests.at(-1)?.header('x')).toBeUndefined()
  })

  it('leave the host alone when the path looks like another one [CVE 47]', async () => {
    for (const path of ['//127.0.0.2/x', '/http://127.0.0.2/x']) {
      await runFerry(['get', '-o', '-', '--no-fail', origin.url(path)])
      expect(origin.requests.at(-1)).toMatchObject({target: path})
      expect(origin.requests.at(-1)?.header('host')).toBe(`127.0.0.1:${origin.port}`)
    }
  })

  it('in resume data that somebody else wrote are refused with it [CVE 46, CVE 47]', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    origin.serve('/cut', {body, entityTag: '"v1"', fault: {cutAfter: 700}})
    await runFerry(['get', '--retry', '0', '-o', 'F', origin.url('/cut')], {cwd, env: {FERRY_HOME: home}})
    const path = join(cwd, 'F.ferry')
    const text = readFileSync(path, 'utf8')
    const injected = text.replace(/"headers": *\[/, '"headers":[["X","a\\r\\nY: b"]')
    for (const changed of [
      injected,
      text.replace('http://127.0.0.1', 'http://127.0.0.2'),
      text.slice(0, -20)
    ]) {
      expect(changed).not.toBe(text)
      writeFileSync(path, changed)
      const before = origin.requests.length
      const options = {cwd, env: {FERRY_HOME: home}}
      expect(await runFerry(['resume', 'F.ferry'], options)).toMatchObject({code: 111})
      if (changed === injected) {
        const trusting = ['resume', '--trust-resume-data', 'F.ferry']
        expect(await runFerry(trusting, options)).toMatchObject({code: 111})
      }
      expect(origin.requests).toHaveLength(before)
    }
  })
})

describe('a checksum', () => {
  it.each([
    ['sha256', `sha256:${digest('sha256')}`],
    ['sha512', `sha512:${digest('sha512')}`],
    ['base64', `sha256-${Buffer.from(digest('sha256'), 'hex').toString('base64')}`],
    ['upper case', `SHA256:${digest('sha256').toUpperCase()}`]
  ])('of the content is accepted as %s', async (_form, sum) => {
    const run = await runFerry(['get', '--json', '--checksum', sum, origin.url('/F')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(documentOf(run).tasks[0]).toMatchObject({checksum: expect.stringContaining('sha')})
  })

  it.each(['md99:00', 'sha256:', 'sha256:00', `sha256:${'g'.repeat(64)}`, 'crc:12345678', '', 'sha256'])(
    'that nobody understands is never ignored: %j is 2 before anything is sent [CVE 53]',
    async sum => {
      const before = origin.requests.length
      const cwd = scratchFolder()
      const run = await runFerry(['get', '--checksum', sum, origin.url('/F')], {cwd})
      expect(run).toMatchObject({code: 2, stdout: ''})
      expect(origin.requests).toHaveLength(before)
    }
  )

  it('must hold, and every one of several, whatever their order [CVE 53]', async () => {
    const right = ['--checksum', `sha512:${digest('sha512')}`]
    const wrong = ['--sha256', '0'.repeat(64)]
    for (const flags of [
      [...right, ...wrong],
      [...wrong, ...right]
    ]) {
      const cwd = scratchFolder()
      expect(await runFerry(['get', ...flags, origin.url('/F')], {cwd})).toMatchObject({
        code: 110,
        stdout: ''
      })
      expect(readdirSync(cwd)).toEqual([])
    }
  })

  it('is what notices another content under the same tag, joined by a resume [fault 36]', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const options = {cwd, env: {FERRY_HOME: home}}
    origin.serve('/lying', {body, entityTag: '"v1"', fault: {cutAfter: 700}})
    const args = ['get', '--retry', '0', '-o', 'F', '--sha256', digest('sha256'), origin.url('/lying')]
    expect(await runFerry(args, options)).toMatchObject({code: 18})
    origin.change('/lying', {body: 'y'.repeat(2000), entityTag: '"v1"'})
    const run = await runFerry(args, options)
    expect(run).toMatchObject({code: 110, stdout: ''})
    expect(explanation(run).code).toBe('CHECKSUM_MISMATCH')
    expect(existsSync(join(cwd, 'F'))).toBe(false)
  })
})
