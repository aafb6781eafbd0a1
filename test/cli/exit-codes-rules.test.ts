import {existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'theirs', entityTag: '"v1"'})
  origin.serve('/hold', {body: 'theirs', fault: {stallAfter: 3}})
})
afterAll(() => origin.close())

describe('a command that cannot be carried out as it stands', () => {
  it.each([
    ['an unknown flag', ['get', '--no-such-flag']],
    ['a value that is none', ['get', '-j', 'many', 'http://127.0.0.1/']],
    ['no URL', ['get']],
    ['two that want standard output', ['get', '--json', '--events', 'http://127.0.0.1/']],
    ['--json beside -o -', ['get', '--json', '-o', '-', 'http://127.0.0.1/']],
    ['an unknown command', ['frobnicate']],
    [
      'a flag that this version does not have',
      ['get', '--mirror', 'http://127.0.0.1/a', 'http://127.0.0.1/b']
    ],
    ['nothing to pause', ['pause']],
    ['nothing to resume', ['resume']]
  ])('ends with 2 USAGE for %s', async (_what, args) => {
    const run = await runFerry(args)
    expect(run).toMatchObject({code: 2})
    expect(explanation(run).code).toBe('USAGE')
  })

  it.each([
    'http://',
    'http://127.0.0.1:99999/',
    'http://a b/',
    'http://good%2Fevil/',
    'http://127.0.0.1/a\tb'
  ])('ends with 3 URL_MALFORMED for the address %j [CVE 40]', async address => {
    const run = await runFerry(['get', address])
    expect(run).toMatchObject({code: 3, stdout: ''})
    expect(explanation(run).code).toBe('URL_MALFORMED')
  })

  it.each(['ftp://127.0.0.1/F', 'file:///etc/hostname', 'data:,hello', 'javascript:alert(1)'])(
    'ends with 1 UNSUPPORTED_SCHEME for %s, given or in a list',
    async address => {
      const cwd = scratchFolder()
      const run = await runFerry(['get', address], {cwd})
      expect(run).toMatchObject({code: 1, stdout: ''})
      expect(explanation(run).code).toBe('UNSUPPORTED_SCHEME')
      expect(await runFerry(['get', '-i', '-'], {cwd, input: `${address}\n`})).toMatchObject({code: 1})
      expect(readdirSync(cwd)).toEqual([])
    }
  )
})

describe('a target that cannot be written', () => {
  it.each([
    ['the folder is not there', ['-o', 'missing/F']],
    ['the folder of -P is not there', ['-P', 'missing']],
    ['its name is taken by a folder', ['-o', 'folder']]
  ])('ends with 23 WRITE_FAILED when %s', async (_when, args) => {
    const cwd = scratchFolder()
    mkdirSync(join(cwd, 'folder'))
    const url = origin.url('/F')
    const run = await runFerry(['get', ...args, url], {cwd})
    expect(run, run.stderr).toMatchObject({code: 23, stdout: ''})
    expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code: 'WRITE_FAILED'})
    expect(readdirSync(cwd)).toEqual(['folder'])
  })

  it('is made with --create-dirs', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--create-dirs', '-o', 'a/b/F', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 0, stdout: `${join(cwd, 'a/b/F')}\n`})
    expect(readFileSync(join(cwd, 'a/b/F'), 'utf8')).toBe('theirs')
  })
})

describe('what is refused by a rule', () => {
  it('is a target that exists under a name of the URL: 113 DESTINATION_EXISTS, the flag is named, the file stays', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'mine')
    const run = await runFerry(['get', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 113, stdout: ''})
    const told = explanation(run)
    expect(told).toMatchObject({failed: `GET ${origin.url('/F')}`, code: 'DESTINATION_EXISTS'})
    expect(told.next).toContain('--if-exists')
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('mine')
  })

  it('is not a target named with -o: that is replaced', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'mine')
    expect(await runFerry(['get', '-o', 'F', origin.url('/F')], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('theirs')
  })

  it('is a redirection from https to http, which --allow-downgrade allows [CVE 33, fault 41]', async () => {
    await using secure = await startOrigin({tls: 'good'})
    secure.on('/down', redirect(302, origin.url('/F')))
    const args = ['get', '-k', '-o', '-', secure.url('/down')]
    const run = await runFerry(args)
    expect(run).toMatchObject({code: 113, stdout: ''})
    const told = explanation(run)
    expect(told.code).toBe('REFUSED')
    expect(told.next).toContain('--allow-downgrade')
    expect(await runFerry([...args, '--allow-downgrade'])).toMatchObject({code: 0, stdout: 'theirs'})
  })
})

describe('what is in use or not there', () => {
  it('is a target that another ferry writes: 112 BUSY, and the first goes on', async () => {
    const cwd = scratchFolder()
    const env = {FERRY_HOME: scratchFolder()}
    const first = startFerry(['get', '-o', 'F', origin.url('/hold')], {cwd, env})
    await origin.untilRequests(1, '/hold')
    const run = await runFerry(['get', '-o', 'F', origin.url('/F')], {cwd, env})
    expect(run, run.stderr).toMatchObject({code: 112, stdout: ''})
    expect(explanation(run).code).toBe('BUSY')
    expect(first.child.exitCode).toBeNull()
    expect(existsSync(join(cwd, 'F'))).toBe(false)
  })

  it.each(['pause', 'cancel', 'wait', 'resume'])(
    'is a task that nobody knows: 116 TASK_UNKNOWN for %s',
    async command => {
      const run = await runFerry([command, 'mnosuchtask'])
      expect(run).toMatchObject({code: 116, stdout: ''})
      expect(explanation(run).code).toBe('TASK_UNKNOWN')
    }
  )

  it('is a session that nobody made: 116 SESSION_UNKNOWN', async () => {
    const run = await runFerry(['get', '--session', 'nightly', origin.url('/F')])
    expect(run).toMatchObject({code: 116, stdout: ''})
    expect(explanation(run).code).toBe('SESSION_UNKNOWN')
  })

  it.each([
    ['is not there', undefined],
    ['is no resume data', '{"version":1}'],
    ['is no JSON', 'F\0\x01']
  ])('is resume data that %s: 111', async (_what, content) => {
    const cwd = scratchFolder()
    if (content !== undefined) writeFileSync(join(cwd, 'F.ferry'), content)
    const run = await runFerry(['resume', 'F.ferry'], {cwd})
    expect(run, run.stderr).toMatchObject({code: 111, stdout: ''})
    expect(explanation(run).code).toBe('RESUME_DATA_INVALID')
  })
})
