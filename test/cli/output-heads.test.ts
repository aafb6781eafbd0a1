import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basicGuard} from '../engine/authentication/guards.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {documentOf} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"v1"', contentType: 'text/plain'})
  origin.on('/moved', redirect(302, '/F'))
})
afterAll(() => origin.close())

const bothHeads =
  /^HTTP\/1\.1 302 Found\r\nlocation: \/F\r\n[^]*\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*etag: "v1"\r\n[^]*\r\n\r\n/

describe('the heads of the responses, redirections included', () => {
  it('go to a file with -D', async () => {
    const cwd = scratchFolder()
    expect(await runFerry(['get', '-D', 'heads', origin.url('/moved')], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'heads'), 'latin1')).toMatch(bothHeads)
    expect(readFileSync(join(cwd, 'moved'), 'latin1')).toBe('content')
  })

  it('go to standard output with -D -', async () => {
    const {stdout} = await runFerry(['get', '-o', '-', '-D', '-', origin.url('/moved')])
    expect(stdout).toMatch(bothHeads)
    expect(stdout.endsWith('\r\n\r\ncontent')).toBe(true)
  })

  it('go before the content with --show-headers, which a file never gets', async () => {
    const {stdout} = await runFerry(['get', '-o', '-', '--show-headers', origin.url('/moved')])
    expect(stdout).toMatch(bothHeads)
    expect(stdout.endsWith('\r\n\r\ncontent')).toBe(true)
    const refused = await runFerry(['get', '-o', 'F', '--show-headers', origin.url('/F')])
    expect(refused).toMatchObject({code: 2})
    expect(refused.stderr).toContain('-D FILE')
  })

  it('are all there is with -I, which asks with HEAD', async () => {
    const before = origin.requests.length
    const run = await runFerry(['get', '-I', origin.url('/moved')])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(bothHeads)
    expect(run.stdout).not.toContain('content\n')
    expect(origin.requests.slice(before).map(({method}) => method)).toEqual(['HEAD', 'HEAD'])
  })

  it('go to a file with -I -o', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-I', '-o', 'heads', origin.url('/F')], {cwd})
    expect(run.code).toBe(0)
    expect(readFileSync(join(cwd, 'heads'), 'latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })
})

describe('-v', () => {
  it('shows the head of every request and answer on the way, secrets masked [CVE 21]', async () => {
    const ana = {user: 'ana', password: canary('verbose', origin)}
    origin.on(
      '/in',
      redirect(302, `/guarded?token=${canary('link')}`, {'set-cookie': `a=${canary('cookie')}`})
    )
    origin.on('/guarded', basicGuard(ana, respond(200, {}, 'inside')))
    const flags = ['-v', '-o', '-', '--anyauth', '-u', `ana:${ana.password}`]
    const {code, stderr} = await runFerry(['get', ...flags, origin.url('/in')])
    expect(code).toBe(0)
    expect(stderr.match(/^(?:> GET|< HTTP|[<>] (?:location|cookie|set-cookie|authorization)).*$/gim)).toEqual(
      [
        '> GET /in HTTP/1.1',
        '< HTTP/1.1 302 Found',
        '< location: /guarded?token=***',
        '< set-cookie: ***',
        '> GET /guarded?token=*** HTTP/1.1',
        '> Cookie: ***',
        '< HTTP/1.1 401 Unauthorized',
        '> GET /guarded?token=*** HTTP/1.1',
        '> Authorization: Basic ***',
        '> Cookie: ***',
        '< HTTP/1.1 200 OK'
      ]
    )
    expect(stderr).not.toContain('canary')
  })
})

describe('-w', () => {
  it("fills curl's variables after the transfer, and leaves the path alone", async () => {
    const cwd = scratchFolder()
    const format = '%{http_code} %{size_download} %{num_redirects} %{filename_effective} %{content_type}\\n'
    const {stdout} = await runFerry(['get', '-w', format, origin.url('/moved')], {cwd})
    const path = join(cwd, 'moved')
    expect(stdout).toBe(`${path}\n200 7 1 ${path} text/plain\n`)
  })

  it('is all of standard output with -s', async () => {
    expect(await runFerry(['get', '-s', '-w', '%{http_code}', origin.url('/F')])).toMatchObject({
      stdout: '200'
    })
  })

  it('comes after a failure too, with 000 where nobody answered', async () => {
    const run = await runFerry([
      'get',
      '-s',
      '--retry',
      '0',
      '-w',
      '%{http_code} %{exitcode}',
      'http://127.0.0.1:1/'
    ])
    expect(run).toMatchObject({code: 7, stdout: '000 7'})
  })

  it('reads its format from a file, and gives the record as %{json}', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'format'), '%{json}')
    const {stdout} = await runFerry(['get', '-s', '-w', '@format', origin.url('/F')], {cwd})
    expect(JSON.parse(stdout)).toMatchObject({state: 'completed', http_code: 200, path: join(cwd, 'F')})
  })
})

describe('an HTTP error', () => {
  it('never lands in the target, unless --no-fail makes it content or --fail-with-body keeps the page', async () => {
    const cwd = scratchFolder()
    const url = origin.url('/nothing')
    expect(await runFerry(['get', '-o', 'F', url], {cwd})).toMatchObject({code: 22})
    expect(existsSync(join(cwd, 'F'))).toBe(false)
    expect(await runFerry(['get', '-o', 'a', '--fail-with-body', url], {cwd})).toMatchObject({code: 22})
    expect(readFileSync(join(cwd, 'a'), 'utf8')).toBe('nothing is served here')
    expect(await runFerry(['get', '-o', 'b', '--no-fail', url], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'b'), 'utf8')).toBe('nothing is served here')
  })

  it('counts as failed in --json with --fail-with-body, as done with --no-fail', async () => {
    const cwd = scratchFolder()
    const url = origin.url('/nothing')
    const failing = documentOf(await runFerry(['get', '--json', '-o', 'a', '--fail-with-body', url], {cwd}))
    expect(failing).toMatchObject({ok: false, tasks: [{status: 404, error: {code: 'HTTP_STATUS'}}]})
    const done = documentOf(await runFerry(['get', '--json', '-o', 'b', '--no-fail', url], {cwd}))
    expect(done).toMatchObject({ok: true, tasks: [{status: 404, state: 'completed', error: null}]})
  })
})
