import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {documentOf, eventsOf, explanation} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/country.txt', {body: 'Kathmandu'})
  origin.serve('/', {body: 'no name'})
})
afterAll(() => origin.close())

describe('a download', () => {
  it('with nothing else on the command line is quiet on success but for its path [3A 16, 17]', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', origin.url('/country.txt')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: `${join(cwd, 'country.txt')}\n`})
    expect(readFileSync(join(cwd, 'country.txt'), 'utf8')).toBe('Kathmandu')
  })

  it('is the same files and exit codes, however it is reported [R32, R57]', async () => {
    for (const [path, code] of [
      ['/country.txt', 0],
      ['/missing', 22]
    ] as const) {
      for (const flags of [[], ['--json'], ['--events'], ['-q'], ['-s'], ['-v'], ['--progress', 'plain']]) {
        const cwd = scratchFolder()
        const run = await runFerry(['get', ...flags, origin.url(path)], {cwd})
        expect(run, `${flags.join(' ')}: ${run.stderr}`).toMatchObject({code})
        expect(readdirSync(cwd)).toEqual(code === 0 ? ['country.txt'] : [])
      }
    }
  })

  it('says the same of a failure to a person and to a program [R32]', async () => {
    const person = await runFerry(['get', origin.url('/missing')])
    const program = await runFerry(['get', '--json', origin.url('/missing')])
    const {why, code} = explanation(person)
    const [task] = documentOf(program).tasks
    expect(task?.error).toMatchObject({code, message: why, exitCode: person.code})
  })

  it('always goes somewhere: content without a name becomes a file with a plain one [R15]', async () => {
    const cwd = scratchFolder()
    expect(await runFerry(['get', origin.url('/')], {cwd})).toMatchObject({code: 0})
    expect(readdirSync(cwd)).toEqual(['download'])
    expect(readFileSync(join(cwd, 'download'), 'utf8')).toBe('no name')
  })

  it('expects what the response announces, and counts to what has come [P26]', async () => {
    const {stdout} = await runFerry(['get', '--events', origin.url('/country.txt')])
    const progress = eventsOf({stdout}).filter(({event}) => event === 'task.progress')
    expect(progress.at(-1)).toMatchObject({total: 9, expected: 9})
  })

  it('is called by the word that a person gives it [P28]', async () => {
    const flags = ['--progress', 'plain', '--label', 'nightly']
    const {stderr} = await runFerry(['get', ...flags, origin.url('/country.txt')])
    expect(stderr).toMatch(/^nightly\b/m)
  })
})

describe('an address', () => {
  it.each([
    ['with a port beyond all ports [3A 22]', 'http://127.0.0.0:999999/', 3, 'URL_MALFORMED'],
    ['of a foreign scheme [3A 25]', 'foobar://127.0.0.1/x', 1, 'UNSUPPORTED_SCHEME'],
    ['that is empty [3A 26]', '', 3, 'URL_MALFORMED'],
    ['of a server for files of another kind [3B 92]', 'ftp://127.0.0.1/x', 1, 'UNSUPPORTED_SCHEME'],
    ['of a web socket [P22]', 'ws://127.0.0.1/x', 1, 'UNSUPPORTED_SCHEME']
  ])('%s ends before anybody is asked', async (_what, address, code, name) => {
    const run = await runFerry(['get', '--', address])
    expect(run, run.stderr).toMatchObject({code, stdout: ''})
    expect(explanation(run).code).toBe(name)
  })

  it('that a redirection gives relatively is found beside the one that was asked [3A 42]', async () => {
    origin.serve('/dir/UK', {body: 'London'})
    origin.on('/dir/a', redirect(302, 'UK'))
    const run = await runFerry(['get', '-o', '-', origin.url('/dir/a')])
    expect(run).toMatchObject({code: 0, stdout: 'London'})
  })

  it('keeps its query as it was written, through a redirection too [3A 44]', async () => {
    origin.on('/echo-query', (request, reply) => reply.respond(200, {}, request.target))
    origin.on('/encoded', redirect(302, 'echo-query?param=f%20oo&b=%C3%A9'))
    const run = await runFerry(['get', '-o', '-', origin.url('/encoded')])
    expect(run.stdout).toBe('/echo-query?param=f%20oo&b=%C3%A9')
  })
})

describe('names that a response suggests', () => {
  it.each([
    ['attachment; filename=fname.ext', 'fname.ext'],
    ['attachment; filename=fname.ext; creation-date="Wed, 12 Feb 1997 16:29:51 -0500"', 'fname.ext'],
    ['attachment; filename="/a/b/name"', 'name'],
    ['attachment; filename="a/../b/name"', 'name'],
    ['attachment; filename="../../up"', 'up'],
    ['attachment', 'suggested']
  ])('%s is a file in this folder: %s [3B 91]', async (field, name) => {
    const cwd = scratchFolder()
    origin.on('/suggested', respond(200, {'content-disposition': field}, 'x'))
    expect(await runFerry(['get', origin.url('/suggested')], {cwd})).toMatchObject({code: 0})
    expect(readdirSync(cwd)).toEqual([name])
  })
})
