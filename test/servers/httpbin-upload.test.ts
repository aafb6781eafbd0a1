import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {explanation} from '../cli/said.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startHttpbin} from './httpbin.ts'
import type {Httpbin} from './httpbin.ts'

interface Anything {
  readonly method: string
  readonly url: string
  readonly data: string
  readonly form: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
}

let httpbin: Httpbin

beforeAll(async () => {
  httpbin = await startHttpbin()
}, 60_000)
afterAll(() => httpbin?.close())

function fileWith(content: string, name = 'F.txt'): string {
  const path = join(scratchFolder(), name)
  writeFileSync(path, content)
  return path
}

/** What httpbin says it was sent. */
function seen(run: Run): Anything {
  expect(run, run.stderr).toMatchObject({code: 0})
  return JSON.parse(run.stdout) as Anything
}

describe('httpbin is sent', () => {
  it('a file, with PUT and with POST', async () => {
    const put = seen(await runFerry(['upload', fileWith('content\n'), httpbin.url('/anything/F')]))
    expect(put).toMatchObject({method: 'PUT', data: 'content\n', headers: {'Content-Length': '8'}})
    const post = seen(
      await runFerry(['upload', '-X', 'POST', fileWith('content\n'), httpbin.url('/anything')])
    )
    expect(post).toMatchObject({method: 'POST', data: 'content\n', form: {}})
  })

  it('data as a web form has it, and as JSON', async () => {
    const data = ['-d', 'a=1', '--data-urlencode', 'b=2 & 3']
    expect(seen(await runFerry(['upload', ...data, httpbin.url('/post')]))).toMatchObject({
      form: {a: '1', b: '2 & 3'},
      data: ''
    })
    const json = ['-H', 'Content-Type: application/json', '-d', '{"a":[1]}']
    expect(seen(await runFerry(['upload', ...json, httpbin.url('/post')]))).toMatchObject({json: {a: [1]}})
  })

  it('a form with a file, as a browser would send it', async () => {
    const file = fileWith('line\r\nline\n', 'a "b" ü.txt')
    const form = ['-F', 'title=Über', '-F', `file=@"${file.replaceAll('"', '\\"')}"`, '--form-string', 'x=@y']
    const {form: fields, files} = seen(await runFerry(['upload', ...form, httpbin.url('/post')]))
    expect(fields).toEqual({title: 'Über', x: '@y'})
    expect(files).toEqual({file: 'line\r\nline\n'})
  })

  it('standard input, in chunks or with the length that it has', async () => {
    const input = 'from a pipe\n'
    const chunked = seen(await runFerry(['upload', '-', httpbin.url('/anything')], {input}))
    expect(chunked).toMatchObject({method: 'PUT', data: input, headers: {'Transfer-Encoding': 'chunked'}})
    const sized = seen(await runFerry(['upload', '--length', '12', '-', httpbin.url('/anything')], {input}))
    expect(sized).toMatchObject({data: input, headers: {'Content-Length': '12'}})
    expect(sized.headers).not.toHaveProperty('Transfer-Encoding')
  })
})

describe('httpbin redirects', () => {
  it.each([
    [307, {method: 'PUT', data: 'content'}],
    [308, {method: 'PUT', data: 'content'}],
    [303, {method: 'GET', data: ''}]
  ] as const)('with %i, and the content goes along or does not', async (status, expected) => {
    const address = httpbin.url(`/redirect-to?url=/anything&status_code=${status}`)
    expect(seen(await runFerry(['upload', fileWith('content'), address]))).toMatchObject(expected)
  })

  it('with 307 what can be read only once, which fails in words and not as an empty file', async () => {
    const address = httpbin.url('/redirect-to?url=/anything&status_code=307')
    const once = await runFerry(['upload', '-', address], {input: 'content'})
    expect(once).toMatchObject({code: 26, stdout: ''})
    expect(explanation(once).code).toBe('READ_FAILED')
    const kept = await runFerry(['upload', '--spool', '-', address], {input: 'content'})
    expect(seen(kept)).toMatchObject({method: 'PUT', data: 'content'})
  })
})

describe('httpbin asks who sends', () => {
  it.each([
    ['/basic-upload', []],
    ['/basic-upload', ['--anyauth']],
    ['/digest-upload/auth/MD5', ['--digest']],
    ['/digest-upload/auth/SHA-256', ['--anyauth']],
    ['/digest-upload/auth-int/SHA-256', ['--digest']]
  ] as const)('%s, and takes the content with the answer: %j', async (path, flags) => {
    const words = ['upload', ...flags, '-u', 'env:LOGIN', fileWith('content'), httpbin.url(path)]
    const known = await runFerry(words, {env: {LOGIN: `ana:${httpbin.password}`}})
    expect(seen(known)).toEqual({authenticated: true, user: 'ana'})
    const stranger = await runFerry(words, {env: {LOGIN: 'ana:other'}})
    expect(stranger.code).toBe(22)
    expect(explanation(stranger).why).toContain('401')
  })
})

it.each([413, 422, 500])('httpbin refuses with %i, which is the error', async status => {
  const address = httpbin.url(`/status/${status}`)
  const run = await runFerry(['upload', '--retry', '0', fileWith('content'), address])
  expect(run).toMatchObject({code: 22, stdout: ''})
  expect(explanation(run)).toMatchObject({code: 'HTTP_STATUS', why: expect.stringContaining(`${status}`)})
})
