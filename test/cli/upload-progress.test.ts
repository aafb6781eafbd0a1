import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import type {Handler} from '../origin/connection.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import type {Event} from './said.ts'
import {eventsOf} from './said.ts'

const size = 600_000
let origin: Origin
let release: () => void = () => {}

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('*', respond(201, {}, 'stored\n'))
  origin.on('/moved', redirect(307, '/F'))
})
afterAll(() => origin.close())

function folderWith(...names: readonly string[]): string {
  const folder = scratchFolder()
  for (const name of names) writeFileSync(join(folder, name), seededBytes(size, 3))
  return folder
}

/** Answers once the test lets it. */
function held(path: string): string {
  const {promise, resolve} = Promise.withResolvers<void>()
  release = resolve
  const handler: Handler = async (request, reply) => {
    await promise
    await respond(201, {}, 'stored\n')(request, reply)
  }
  origin.on(path, handler)
  return origin.url(path)
}

function progressOf(events: readonly Event[]): readonly Event[] {
  return events.filter(({event}) => event === 'task.progress')
}

function assertMonotone(events: readonly Event[], expected: number | null): void {
  const progress = progressOf(events)
  const totals = progress.map(({total}) => Number(total))
  expect(progress.length).toBeGreaterThan(2)
  expect(totals).toEqual(totals.toSorted((one, other) => one - other))
  expect(progress.reduce((sum, {bytes}) => sum + Number(bytes), 0)).toBe(size)
  expect(progress.every(({direction}) => direction === 'send')).toBe(true)
  expect(progress.at(-1)).toMatchObject({total: size, expected})
}

describe('the events of an upload', () => {
  it('never count backwards, and end with the length of the file [R44]', async () => {
    const words = ['upload', '--events', '--limit-rate', '1M', 'F', origin.url('/F')]
    assertMonotone(eventsOf(await runFerry(words, {cwd: folderWith('F')})), size)
  })

  it('expect nothing of standard input, and end with what it had [R44]', async () => {
    const words = ['upload', '--events', '--limit-rate', '1M', '-', origin.url('/F')]
    const progress = progressOf(eventsOf(await runFerry(words, {input: seededBytes(size, 3)})))
    expect(progress[0]).toMatchObject({expected: null})
    expect(progress.at(-1)).toMatchObject({total: size})
  })

  it('never count backwards where a body is sent again, and say why it is [R44]', async () => {
    const words = ['upload', '--events', '--limit-rate', '1M', 'F', origin.url('/moved')]
    const events = eventsOf(await runFerry(words, {cwd: folderWith('F')}))
    assertMonotone(events, size)
    const needs = events.filter(({event}) => event === 'task.needNewBody')
    expect(needs).toMatchObject([{reason: 'redirect'}])
  })

  it('end with what was sent also where the server refuses it, and not behind an answer that is handed on', async () => {
    const cwd = folderWith('F')
    origin.on('/refused', respond(403, {}, 'no\n'))
    const refused = origin.url('/refused')
    const told = async (...words: readonly string[]): Promise<readonly Event[]> =>
      eventsOf(await runFerry(['upload', '--events', '--retry', '0', ...words, 'F', refused], {cwd}))
    const refusal = await told()
    expect(progressOf(refusal).at(-1)).toMatchObject({total: size})
    const delivered = (await told('--no-fail')).map(({event}) => event)
    expect(delivered.lastIndexOf('task.progress')).toBeLessThan(delivered.indexOf('task.response'))
  })

  it('come in their order, with the response behind what was sent', async () => {
    const {stdout} = await runFerry(['upload', '--events', 'F', origin.url('/moved')], {cwd: folderWith('F')})
    const names = eventsOf({stdout}).map(({event}) => event.replace('task.', ''))
    const before = names.slice(2, names.indexOf('response'))
    expect(names.slice(0, 2)).toEqual(['created', 'started'])
    expect(new Set(before)).toEqual(new Set(['redirect', 'needNewBody', 'progress']))
    expect(names.slice(names.indexOf('response'))).toEqual([
      'response',
      'data',
      'metrics',
      'completed',
      'session.invalidated'
    ])
  })
})

describe('on a terminal, an upload', () => {
  it('is a bar of what is sent, then waits for the answer, which stands above the last line', async () => {
    const words = ['upload', '--limit-rate', '600k', 'F', held('/slow')]
    const ferry = startOnTerminal(words, {cwd: folderWith('F')})
    expect(await ferry.until(/█░.*%/)).toMatch(/F {2}/)
    const waiting = await ferry.until(/sent, waiting for the answer/)
    expect(waiting).toMatch(/F {2}.*586 KiB sent, waiting for the answer/)
    expect(waiting).not.toContain('100%')
    release()
    const {code, screen} = await ferry.done
    expect(code).toBe(0)
    expect(screen).toMatch(/stored\r\n[^]*sent.* F to 127\.0\.0\.1:\d+ \(586 KiB in /)
    expect(screen).not.toContain('saved')
  })

  it('of standard input waits for the answer as well, once that has ended', async () => {
    const cwd = folderWith('F')
    const ferry = startOnTerminal(['upload', '-', held('/piped')], {cwd, redirections: '<F'})
    expect(await ferry.until(/waiting for the answer/)).toMatch(/standard input {2}.*586 KiB sent/)
    release()
    expect((await ferry.done).screen).toMatch(/sent.* standard input to 127/)
  })

  it('is a row among others, and their sum is told', async () => {
    held('/folder/F')
    const words = ['upload', 'F', 'G', origin.url('/folder/')]
    const ferry = startOnTerminal(words, {cwd: folderWith('F', 'G'), env: {NO_COLOR: '1'}})
    const drawn = await ferry.until(/1 of 2 done/)
    expect(drawn).toMatch(/› F .*586 KiB sent, waiting for the answer/)
    expect(drawn).toMatch(/sent G to 127/)
    release()
    expect((await ferry.done).screen).toMatch(/2 of 2 done, 1\.1 MiB in /)
  })

  it('takes no colour with NO_COLOR and draws nothing with TERM=dumb', async () => {
    const cwd = folderWith('F')
    const plain = startOnTerminal(['upload', 'F', held('/dumb')], {cwd, env: {TERM: 'dumb'}})
    await plain.until(/F: to http/)
    release()
    const {screen} = await plain.done
    expect(screen).not.toMatch(/\x1B|█/)
    expect(screen).toMatch(/^sent F to /m)
    const colourless = startOnTerminal(['upload', 'F', origin.url('/F')], {cwd, env: {NO_COLOR: '1'}})
    expect((await colourless.done).screen).not.toMatch(/\x1B\[[\d;]*m/)
  })
})

it('off a terminal an upload has a line at the start and one at the end, and -w has the figures of curl', async () => {
  const run = await runFerry(['upload', '-w', '%{http_code} %{size_upload}\\n', 'F', origin.url('/F')], {
    cwd: folderWith('F')
  })
  expect(run.stdout).toBe(`stored\n201 ${size}\n`)
  expect(run.stderr.split('\n')).toEqual([
    `F: to ${origin.url('/F')}`,
    expect.stringMatching(/^sent F to 127\.0\.0\.1:\d+ \(586 KiB in /),
    ''
  ])
})
