import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {eventsOf, explanation} from './said.ts'

const image = seededBytes(2_000_000, 1)
const text = 'a few words\n'
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/image', {body: image, entityTag: '"v1"', headers: {'content-type': 'Image/PNG; q=1'}})
  origin.serve('/text', {body: text, headers: {'content-type': 'text/plain'}})
  origin.serve('/feed', {body: text, headers: {'content-type': 'application/atom+xml'}})
  origin.on('/untyped', respond(200, {}, text))
  origin.serve('/chunked', {body: image, framing: 'chunked'})
})
afterAll(() => origin.close())

/** Prints a path of the origin under a rule: what came out, and the files that were made. */
async function print(path: string, rule: readonly string[]): Promise<{printed: Buffer; files: string[]}> {
  const cwd = scratchFolder()
  const run = await runFerry(['get', '-o', '-', ...rule, origin.url(path)], {cwd})
  expect(run.code, run.stderr).toBe(0)
  return {printed: run.output, files: readdirSync(cwd)}
}

describe('--download-if with -o -', () => {
  it.each([
    ['/image', 'image/png'],
    ['/image', 'IMAGE/*'],
    ['/feed', '+xml'],
    ['/feed', '*/*'],
    ['/untyped', 'application/octet-stream']
  ])('saves %s where the rule is %s, and prints nothing', async (path, type) => {
    const {printed, files} = await print(path, ['--download-if', type])
    expect(files).toEqual([path.slice(1)])
    expect(printed).toHaveLength(0)
  })

  it.each([
    ['/text', 'image/*'],
    ['/text', 'text/pla'],
    ['/text', '+plain'],
    ['/feed', 'application/xml']
  ])('prints %s where the rule is %s', async (path, type) => {
    const {printed, files} = await print(path, ['--download-if', type])
    expect(files).toEqual([])
    expect(printed.toString()).toBe(text)
  })

  it('may be given several times, and each response is judged by itself', async () => {
    const cwd = scratchFolder()
    const rules = ['--download-if', 'audio/*', '--download-if', 'image/*']
    const urls = [origin.url('/text'), origin.url('/image'), origin.url('/feed')]
    const run = await runFerry(['get', '-o', '-', '-o', '-', '-o', '-', ...rules, ...urls], {cwd})
    expect(run).toMatchObject({code: 0, stdout: text + text})
    expect(readFileSync(join(cwd, 'image')).equals(image)).toBe(true)
    expect(run.stderr).toContain('3 of 3 done')
  })

  it('asks the server once, and says on standard error what was saved', async () => {
    const cwd = scratchFolder()
    const before = origin.requestsOf('/image').length
    const run = await runFerry(['get', '-o', '-', '--download-if', 'image/png', origin.url('/image')], {cwd})
    expect(run).toMatchObject({code: 0, stdout: ''})
    expect(run.stderr).toMatch(/^image: from http:\S+\nsaved image \(1\.9 MiB in [^\n]+\)\n$/)
    expect(readFileSync(join(cwd, 'image')).equals(image)).toBe(true)
    expect(origin.requestsOf('/image')).toHaveLength(before + 1)
  })

  it('takes -P and --if-exists for the file: an existing one is left alone by default', async () => {
    const cwd = scratchFolder()
    const words = [
      'get',
      '-o',
      '-',
      '-P',
      'sub',
      '--create-dirs',
      '--download-if',
      'image/*',
      origin.url('/image')
    ]
    expect(await runFerry(words, {cwd})).toMatchObject({code: 0})
    const target = join(cwd, 'sub', 'image')
    writeFileSync(target, 'mine')
    const refused = await runFerry(words, {cwd})
    expect(refused).toMatchObject({code: 113, stdout: ''})
    expect(explanation(refused).code).toBe('DESTINATION_EXISTS')
    expect(readFileSync(target, 'utf8')).toBe('mine')
    expect(await runFerry([...words, '--if-exists', 'replace'], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(target).equals(image)).toBe(true)
  })

  it('lets -w tell of the file, once', async () => {
    const cwd = scratchFolder()
    const words = ['-w', '%{filename_effective} %{size_download}\\n', '--download-if', 'image/*']
    const run = await runFerry(['get', '-o', '-', ...words, origin.url('/image')], {cwd})
    expect(run.stdout).toBe(`${join(cwd, 'image')} 2000000\n`)
  })

  it('saves the tag of --etag-save only once the file is whole', async () => {
    const cwd = scratchFolder()
    origin.serve('/cut', {body: image, entityTag: '"v1"', faults: [{cutAfter: 1_500_000}]})
    const words = [
      'get',
      '-o',
      '-',
      '--retry',
      '0',
      '--etag-save',
      'tag',
      '--download-if',
      '*/*',
      origin.url('/cut')
    ]
    const options = {cwd, env: {FERRY_HOME: scratchFolder()}}
    expect(await runFerry(words, options)).toMatchObject({code: 18})
    expect(existsSync(join(cwd, 'tag'))).toBe(false)
    expect(await runFerry(words, options)).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'tag'), 'utf8')).toBe('"v1"\n')
    expect(readFileSync(join(cwd, 'cut')).equals(image)).toBe(true)
    expect(origin.requestsOf('/cut').at(-1)?.header('range')).toBe('bytes=1500000-')
  })

  it('leaves what can be resumed when it is interrupted', async () => {
    const cwd = scratchFolder()
    origin.serve('/stall', {body: image, entityTag: '"v1"', faults: [{stallAfter: 1_200_000}]})
    const env = {FERRY_HOME: scratchFolder()}
    const ferry = startFerry(['get', '-o', '-', '--events', '--download-over', '1M', origin.url('/stall')], {
      cwd,
      env
    })
    await ferry.untilStdout(/"total":1200000/)
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run.code).toBe(130)
    const resumed = await runFerry(['resume', join(cwd, 'stall.ferry')], {cwd, env})
    expect(resumed).toMatchObject({code: 0, stdout: `${join(cwd, 'stall')}\n`})
    expect(readFileSync(join(cwd, 'stall')).equals(image)).toBe(true)
  })
})

describe('--download-over with -o -', () => {
  it('saves what is announced as larger, prints the rest and what is not announced', async () => {
    expect(await print('/image', ['--download-over', '1999999'])).toMatchObject({files: ['image']})
    expect((await print('/image', ['--download-over', '2000000'])).printed.equals(image)).toBe(true)
    expect((await print('/chunked', ['--download-over', '1k'])).printed.equals(image)).toBe(true)
  })
})

describe('the events of a data task that becomes a download', () => {
  it('end it before the download starts, each task once and no content in between', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(
      ['get', '-o', '-', '--events', '--download-if', 'image/*', origin.url('/image')],
      {cwd}
    )
    expect(run.code).toBe(0)
    const events = eventsOf(run)
    const [data, download] = [...new Set(events.flatMap(({task}) => task ?? []))]
    const told = events.map(({event, task}) => `${task === data ? 'data' : 'download'} ${event.slice(5)}`)
    expect(told.filter((each, index) => each !== told[index - 1]).slice(0, -1)).toEqual([
      'data created',
      'data started',
      'data response',
      'download created',
      'data becameDownload',
      'data metrics',
      'data completed',
      'download started',
      'download progress',
      'download finished',
      'download metrics',
      'download completed'
    ])
    const became = events.find(({event}) => event === 'task.becameDownload')
    expect(became).toMatchObject({path: join(cwd, 'image'), download})
  })
})

describe('--on-response', () => {
  it('may answer becomeDownload', async () => {
    const answer = `echo '{"decision":"becomeDownload"}'`
    const {printed, files} = await print('/text', ['--on-response', answer])
    expect(files).toEqual(['text'])
    expect(printed).toHaveLength(0)
  })
})

describe('Wrong usage', () => {
  it.each([
    ['a rule that is no type', ['-o', '-', '--download-if', 'png']],
    ['a size that is none', ['-o', '-', '--download-over', 'large']],
    ['a rule where everything becomes a file anyway', ['--download-if', 'image/*']]
  ])('is %s: nothing is sent', async (_what, words) => {
    const before = origin.requests.length
    expect(await runFerry(['get', ...words, origin.url('/image')])).toMatchObject({code: 2, stdout: ''})
    expect(origin.requests).toHaveLength(before)
  })
})
