import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {runInShell} from '../cli-run/shell.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {serveHeld} from './crossing.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"v1"', contentType: 'text/plain'})
  origin.serve('/large', {body: {seed: 1, size: 8_000_000}})
  origin.on('/moved', redirect(302, '/F'))
})
afterAll(() => origin.close())

describe('standard output', () => {
  it('carries the final paths, one a line; everything else goes to standard error', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-o', 'a', '-o', 'b', origin.url('/F'), origin.url('/large')], {cwd})
    expect(run.code).toBe(0)
    expect(run.stdout.split('\n').toSorted()).toEqual(['', join(cwd, 'a'), join(cwd, 'b')])
    expect(run.stderr).toContain('2 of 2 done')
  })

  it('carries no path for what has failed', async () => {
    const run = await runFerry(['get', origin.url('/nothing')])
    expect(run).toMatchObject({code: 22, stdout: ''})
    expect(run.stderr).not.toBe('')
  })

  it('carries the content alone with -o -', async () => {
    const run = await runFerry(['get', '-o', '-', origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'content'})
  })

  it('carries every byte through a pipe whose reader is slow', async () => {
    const run = await runFerry(['get', '-o', '-', origin.url('/large')])
    expect(run.code).toBe(0)
    expect(run.output.equals(seededBytes(8_000_000, 1))).toBe(true)
  })

  it('may be closed early: the transfer ends with 23 and one explanation, no stack trace [fault 60]', async () => {
    const ferry = startFerry(['get', '-o', '-', origin.url('/large')])
    ferry.child.stdout?.once('data', () => ferry.child.stdout?.destroy())
    const run = await ferry.done
    expect(run.code).toBe(23)
    expect(explanation(run).code).toBe('WRITE_FAILED')
    expect(run.stderr).not.toMatch(/^ +at /m)
  })

  it('gives head -c what it asks for, and no more words than one explanation', async () => {
    const script = '{ ferry get -q -o - "$URL"; echo "$?" >code; } | head -c 10 | wc -c; cat code'
    const run = await runInShell(script, {env: {URL: origin.url('/large')}})
    expect(run.stdout.trim().split(/\s+/)).toEqual(['10', '23'])
    expect(run.stderr).toMatch(/^ferry: Failed: .*\n(Why|Next): .*\n(Next: .*\n)?$/)
  })

  it.each([
    ['paths: the file is there, and that is what counts', 'ferry get -o F "$URL" >&-', 0],
    ['content on a full disk: 23', 'ferry get -o - "$URL" >/dev/full', 23],
    ['events: 23', 'ferry get -o F --events "$URL" >/dev/full', 23]
  ])('may be closed or full from the start, with %s', async (_what, script, code) => {
    const cwd = scratchFolder()
    const run = await runInShell(script, {cwd, env: {URL: origin.url('/large')}})
    expect(run, run.stderr).toMatchObject({code, stdout: ''})
    expect(run.stderr).not.toMatch(/^ +at /m)
    expect(existsSync(join(cwd, 'F'))).toBe(code === 0)
  })
})

describe('--json', () => {
  it.each([
    ['finds no room ends with 23, and says why, although the file is there', '>/dev/full', 23],
    ['nobody reads changes nothing', '| true', 0]
  ])('whose document %s', async (_what, end, code) => {
    const cwd = scratchFolder()
    const script = `{ ferry get -q -o F --json "$URL"; echo "$?" >code; } ${end}; cat code`
    const run = await runInShell(script, {cwd, env: {URL: origin.url('/large')}})
    expect(run.stdout).toBe(`${code}\n`)
    expect(run.stderr.match(/^ferry: Failed: Standard output cannot be written to/gm) ?? []).toHaveLength(
      code === 0 ? 0 : 1
    )
    expect(existsSync(join(cwd, 'F'))).toBe(true)
  })

  it('prints one document at the end, with everything about the task', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--json', origin.url('/moved')], {cwd})
    const {ok, tasks} = documentOf(run)
    expect(ok).toBe(true)
    expect(tasks).toMatchObject([
      {
        kind: 'download',
        session: 'shared',
        url: origin.url('/moved'),
        finalUrl: origin.url('/F'),
        state: 'completed',
        status: 200,
        path: join(cwd, 'moved'),
        bytes: 7,
        total: 7,
        resumedFrom: null,
        restarted: false,
        checksum: null,
        error: null,
        resumeData: null
      }
    ])
    expect(Object.keys(tasks[0] ?? {})).toHaveLength(16)
  })

  it('is a document also when all has failed, and when the words make no sense', async () => {
    const failed = await runFerry(['get', '--json', origin.url('/nothing')])
    expect(documentOf(failed)).toMatchObject({
      ok: false,
      tasks: [{state: 'failed', error: {code: 'HTTP_STATUS', exitCode: 22}}]
    })
    const misread = await runFerry(['get', '--json', '--no-such-flag', origin.url('/F')])
    expect(misread.code).toBe(2)
    expect(documentOf(misread)).toMatchObject({ok: false, tasks: [], error: {code: 'USAGE'}})
  })
})

describe('standard error', () => {
  it.each([
    ['-q', 'errors only', /^ferry: Failed: /],
    ['-s', 'nothing, not even errors', /^$/],
    ['-sS', 'errors only', /^ferry: Failed: /]
  ])('has with %s %s', async (flag, _what, told) => {
    expect(await runFerry(['get', flag, origin.url('/F')])).toMatchObject({code: 0, stderr: ''})
    const failed = await runFerry(['get', flag, '--retry', '0', 'http://127.0.0.1:1/F'])
    expect(failed).toMatchObject({code: 7, stdout: ''})
    expect(failed.stderr).toMatch(told)
  })

  it('has no path on standard output beside it with -s, but one with -q', async () => {
    expect(await runFerry(['get', '-s', origin.url('/F')])).toMatchObject({code: 0, stdout: ''})
    const cwd = scratchFolder()
    expect(await runFerry(['get', '-q', origin.url('/F')], {cwd})).toMatchObject({
      stdout: `${join(cwd, 'F')}\n`
    })
  })

  it('has a line at the start and one at the end off a terminal, without colours and cursor movements', async () => {
    const {stderr} = await runFerry(['get', origin.url('/F')])
    expect(stderr).toMatch(/^F: from http:\S+\nsaved F \(7 B in [^\n]+\)\n$/)
    expect(stderr).not.toMatch(/[\x1B\r]/)
  })

  it('has the heads of requests and responses with -v', async () => {
    const {stderr} = await runFerry(['get', '-v', '-H', 'X-Own: mine', origin.url('/moved')])
    expect(stderr).toMatch(/^> GET \/moved HTTP\/1\.1$/m)
    expect(stderr).toMatch(/^> X-Own: mine$/m)
    expect(stderr).toMatch(/^< HTTP\/1\.1 302 Found$/m)
    expect(stderr).toMatch(/^< etag: "v1"$/m)
  })

  it('may lose its reader while the transfer runs', async () => {
    const cwd = scratchFolder()
    const {release} = serveHeld(origin, '/held')
    const ferry = startFerry(['get', '-v', '-w', '%{stderr}done', origin.url('/held')], {cwd})
    await ferry.untilStderr(/HTTP\/1\.1 200/)
    ferry.child.stderr?.destroy()
    release()
    expect(await ferry.done).toMatchObject({code: 0, stdout: `${join(cwd, 'held')}\n`})
  })

  it('may be closed from the start: the transfer does not need it', async () => {
    const cwd = scratchFolder()
    const run = await runInShell('ferry get -o F "$URL" 2>&-', {cwd, env: {URL: origin.url('/F')}})
    expect(run).toMatchObject({code: 0, stdout: `${join(cwd, 'F')}\n`})
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('content')
  })
})
