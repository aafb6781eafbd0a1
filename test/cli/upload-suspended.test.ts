import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, expect, it, onTestFinished} from 'vitest'
import {canary} from '../canary/canary.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {filesIn} from './files-in.ts'
import {documentOf} from './said.ts'

const content = 'what is to be sent'
let origin: Origin
let crossing: Crossing

beforeEach(async () => {
  origin = await startOrigin()
  onTestFinished(() => origin.close())
  origin.on('/F', respond(201, {}, 'stored\n'))
  crossing = new Crossing()
  writeFileSync(crossing.path('F'), content)
})

const left = (): string[] => filesIn(join(crossing.home, 'state', 'uploads')).map(({path}) => path)

/** Writes an upload of F down and resolves to its id. */
async function suspended(flags: readonly string[] = []): Promise<string> {
  const {code, stdout, stderr} = await crossing.run([
    'upload',
    '--suspended',
    ...flags,
    'F',
    origin.url('/F')
  ])
  expect({code, stdout}, stderr).toEqual({code: 0, stdout: expect.stringMatching(/^[0-9a-z]{10,}\n$/)})
  return stdout.trim()
}

it('writes an upload down without asking the server, and resume starts it [R18]', async () => {
  const id = await suspended(['-X', 'POST', '-H', 'Content-Type: text/x'])
  expect(origin.connections).toBe(0)
  expect(await crossing.task()).toMatchObject({
    id,
    state: 'suspended',
    bytes: 0,
    total: content.length,
    pid: null,
    actions: ['resume', 'cancel']
  })
  expect(await crossing.run(['resume', id])).toMatchObject({code: 0, stdout: 'stored\n'})
  const [request] = origin.requests
  expect(request).toMatchObject({method: 'POST', body: Buffer.from(content)})
  expect(request?.header('content-type')).toBe('text/x')
  expect(left()).toEqual([])
  expect(await crossing.run(['resume', id])).toMatchObject({
    code: 111,
    stderr: expect.stringContaining('started already')
  })
})

it('is forgotten by cancel without a word to the server, and cannot be paused or waited for', async () => {
  const id = await suspended()
  expect(await crossing.run(['pause', id])).toMatchObject({code: 111})
  expect(await crossing.run(['wait', id])).toMatchObject({
    code: 111,
    stderr: expect.stringContaining(`ferry resume ${id}`)
  })
  expect(await crossing.run(['cancel', id])).toMatchObject({code: 0})
  expect(left()).toEqual([])
  expect(await crossing.tasks()).toEqual([])
  expect(origin.connections).toBe(0)
})

it('waits again after ^C, and is sent from zero then', async () => {
  const id = await suspended(['--resumable', 'none'])
  origin.on('/F', () => {})
  const ferry = crossing.start(['resume', id])
  await origin.untilRequests(1, '/F')
  ferry.kill('SIGINT')
  const {code, stderr} = await ferry.done
  const next = /ferry resume ([0-9a-z]+)/.exec(stderr)?.[1] ?? ''
  expect({code, next}, stderr).toMatchObject({code: 130, next: expect.stringMatching(/./)})
  origin.on('/F', respond(201))
  expect(await crossing.run(['resume', next])).toMatchObject({code: 0})
  expect(origin.requests[1]?.body.toString()).toBe(content)
})

it('keeps no password, and says so when it begins without one', async () => {
  const password = canary('waiting', origin)
  const env = {...crossing.options.env, LOGIN: `ana:${password}`}
  const words = ['-u', 'env:LOGIN']
  const made = await crossing.run(['upload', '--suspended', ...words, 'F', origin.url('/F')], {env})
  expect(made).toMatchObject({code: 0})
  const [record = ''] = left()
  expect(readFileSync(join(crossing.home, 'state', 'uploads', record), 'utf8')).not.toContain(password)
  const id = made.stdout.trim()
  origin.on('/F', respond(401))
  const without = await crossing.run(['resume', id])
  expect(without).toMatchObject({code: 22, stderr: expect.stringContaining('give it again with -H or -u')})
  const next = /ferry resume ([0-9a-z]+)/.exec(without.stderr)?.[1] ?? ''
  origin.on('/F', respond(201))
  expect(await crossing.run(['resume', ...words, next], {env})).toMatchObject({code: 0})
  expect(origin.requests.at(-1)?.header('authorization')).toMatch(/^Basic /)
})

it('writes each of several files down, and tells of them as JSON', async () => {
  writeFileSync(crossing.path('G'), content)
  const run = await crossing.run(['upload', '--suspended', '--json', 'F', 'G', origin.url('/')])
  const task = {state: 'suspended', bytes: 0, total: content.length}
  expect(documentOf(run)).toMatchObject({ok: true, tasks: [task, task]})
  expect(await crossing.tasks()).toHaveLength(2)
})

it('lets a copy of standard input wait', async () => {
  const words = ['upload', '--suspended', '--spool', '-', origin.url('/F')]
  const {code, stdout} = await crossing.run(words, {input: content})
  expect(code).toBe(0)
  expect(left()).toHaveLength(2)
  expect(await crossing.run(['resume', stdout.trim()])).toMatchObject({code: 0})
  expect(origin.requests[0]?.body.toString()).toBe(content)
  expect(left()).toEqual([])
})

it('of an ephemeral session waits in the file that is named for it, whose name is printed', async () => {
  const words = ['upload', '--suspended', '--ephemeral', '--resume-data', 'F.ferry', 'F', origin.url('/F')]
  expect(await crossing.run(words)).toMatchObject({code: 0, stdout: `${crossing.path('F.ferry')}\n`})
  expect(left()).toEqual([])
  expect(await crossing.run(['resume', 'F.ferry'])).toMatchObject({code: 0})
})

it.each([
  ['data', ['-d', 'a=b'], 'into a file'],
  ['data of standard input', ['-d', '@-'], 'into a file'],
  ['a form', ['-F', 'a=b'], 'into a file'],
  ['standard input', ['-'], '--spool'],
  ['a pipe', ['a pipe'], "--spool - URL < 'a pipe'"],
  ['a file, where -o is given', ['-o', 'A', 'F'], 'ferry resume'],
  ['a file, where nothing may be left', ['--no-resume', 'F'], 'leave one of them out'],
  ['a file of an ephemeral session', ['--ephemeral', 'F'], '--resume-data FILE'],
  ['parts', ['--connections', '2', 'F'], 'Leave it out'],
  ['a file for AWS', ['--aws-sigv4', 'aws:amz', 'F'], 'without --suspended']
])('is refused for what cannot wait, with the way that there is: %s', async (_what, words, hint) => {
  execFileSync('mkfifo', [crossing.path('a pipe')])
  const run = await crossing.run(['upload', '--suspended', ...words, origin.url('/F')], {input: 'a=b'})
  expect(run).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining(hint)})
  expect(left()).toEqual([])
  expect(origin.connections).toBe(0)
})
