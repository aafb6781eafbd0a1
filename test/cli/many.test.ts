import {existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {documentOf} from './said.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  for (const name of ['a', 'b', 'c']) origin.serve(`/${name}`, {body: name})
  // Longer than what is kept in memory, so that the target is locked while it is written.
  for (const name of ['x', 'y', 'z'])
    origin.serve(`/${name}/same`, {body: name.repeat(100_000), entityTag: `"${name}"`})
})
afterAll(() => origin.close())

const urls = (...names: readonly string[]): string[] => names.map(name => origin.url(`/${name}`))

describe('a list of URLs', () => {
  it('comes from a file with -i, beside those on the command line; blank lines and comments are passed over', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'list.txt'), `# mine\n${origin.url('/a')}\r\n\n  ${origin.url('/b')}  \n`)
    const run = await runFerry(['get', '-i', 'list.txt', origin.url('/c')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readdirSync(cwd).toSorted()).toEqual(['a', 'b', 'c', 'list.txt'])
  })

  it('comes from standard input with -i -', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-i', '-'], {cwd, input: `${urls('a', 'b').join('\n')}\n`})
    expect(run.stdout.split('\n').toSorted()).toEqual(['', join(cwd, 'a'), join(cwd, 'b')])
  })

  it('may be empty: nothing to do is 0', async () => {
    expect(await runFerry(['get', '-i', '-'], {input: ''})).toMatchObject({code: 0, stdout: ''})
  })

  it('is refused as a whole, before anything is sent, when one line is no URL', async () => {
    const before = origin.requests.length
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-i', '-'], {cwd, input: `${origin.url('/a')}\nhttp://a b/\n`})
    expect(run).toMatchObject({code: 3, stdout: ''})
    expect(origin.requests.length).toBe(before)
  })

  it('that cannot be read ends with 26 and its name', async () => {
    const run = await runFerry(['get', '-i', 'missing.txt'])
    expect(run).toMatchObject({code: 26, stdout: ''})
    expect(run.stderr).toContain('missing.txt')
  })

  it('of 300 is fetched whole, over few connections', async () => {
    await using own = await startOrigin()
    const names = Array.from({length: 300}, (_, index) => `n${index}`)
    for (const name of names) own.serve(`/${name}`, {body: name})
    const cwd = scratchFolder()
    const input = names.map(name => own.url(`/${name}`)).join('\n')
    const run = await runFerry(['get', '--json', '-i', '-'], {cwd, input})
    expect(documentOf(run)).toMatchObject({ok: true})
    expect(readdirSync(cwd)).toHaveLength(300)
    expect(names.every(name => readFileSync(join(cwd, name), 'utf8') === name)).toBe(true)
    expect(own.peakConnections).toBeLessThanOrEqual(6)
    expect(own.connections).toBeLessThan(30)
  })
})

describe('the number of transfers at once', () => {
  it.each([
    ['six, unless told', [], 6],
    ['what -j says', ['-j', '2'], 2],
    ['limited by the connections to one host', ['-j', '10', '--parallel-max-host', '3'], 3],
    ['more than six only when both are raised', ['-j', '9', '--parallel-max-host', '9'], 9]
  ])('is %s', async (_what, flags, expected) => {
    await using own = await startOrigin()
    let release: () => void = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    const names = Array.from({length: 12}, (_, index) => `/n${index}`)
    for (const name of names) own.serve(name, {body: 'x', fault: {holdHead: until}})
    const running = runFerry(['get', ...flags, ...names.map(name => own.url(name))])
    await own.untilRequests(expected)
    // More would have come by now, were they allowed.
    await sleep(60)
    expect(own.requests.length).toBe(expected)
    release()
    expect(await running).toMatchObject({code: 0})
    expect(own.peakConnections).toBe(expected)
  })
})

describe('the exit code of many', () => {
  const refused = 'http://127.0.0.1:1/refused'

  it('is that of the one reason all failures share', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', ...urls('a', 'missing', 'missing-too')], {cwd})
    expect(run).toMatchObject({code: 22, stdout: `${join(cwd, 'a')}\n`})
    expect(run.stderr.match(/^ferry: Failed/gm)).toHaveLength(2)
  })

  it('is 117 when they failed for different reasons', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--json', '--retry', '0', ...urls('a', 'missing'), refused], {cwd})
    expect(run.code).toBe(117)
    const {ok, tasks} = documentOf(run)
    expect(ok).toBe(false)
    expect(tasks.map(({error}) => error?.exitCode ?? 0)).toEqual([0, 22, 7])
  })

  it('is the first failure with --fail-early, which stops the others and keeps what they have', async () => {
    const cwd = scratchFolder()
    origin.serve('/slow', {body: 'x'.repeat(200_000), entityTag: '"v1"', fault: {stallAfter: 100_000}})
    const isUnderWay = (): void => {
      expect(readFileSync(join(cwd, 'slow.part'), 'latin1').startsWith('x'.repeat(100_000))).toBe(true)
    }
    const holdHead = vi.waitFor(isUnderWay, patience)
    origin.serve('/late', {body: 'x', fault: {status: 404, holdHead}})
    const run = await runFerry(['get', '--json', '--fail-early', ...urls('slow', 'late')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 22})
    expect(documentOf(run).tasks.map(({state}) => state)).toEqual(['paused', 'failed'])
    expect(readdirSync(cwd).toSorted()).toEqual(['slow.ferry', 'slow.part'])
  })
})

describe('files of one name in one run', () => {
  it('are never mixed: one gets the name, the others are refused and leave nothing', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--json', ...urls('x/same', 'y/same', 'z/same')], {cwd})
    expect(run.code).not.toBe(0)
    const {tasks} = documentOf(run)
    expect(tasks.filter(({state}) => state === 'completed')).toHaveLength(1)
    const codes = tasks.flatMap(({error}) => error?.exitCode ?? [])
    expect(codes.every(code => code === 112 || code === 113)).toBe(true)
    expect(readFileSync(join(cwd, 'same'), 'utf8')).toMatch(/^(x+|y+|z+)$/)
    expect(readFileSync(join(cwd, 'same'))).toHaveLength(100_000)
  })

  it('that are short leave no partial file without resume data', async () => {
    const cwd = scratchFolder()
    origin.serve('/short', {body: 'short', entityTag: '"v1"'})
    const {code} = await runFerry(['get', ...urls('short?1', 'short?2', 'short?3', 'short?4')], {cwd})
    expect([112, 113, 117]).toContain(code)
    const left = readdirSync(cwd)
    expect(left.filter(name => name.includes('.part')).length).toBe(left.includes('short.ferry') ? 1 : 0)
    expect(readFileSync(join(cwd, 'short'), 'utf8')).toBe('short')
  })

  it('get names of their own with -o each', async () => {
    const cwd = scratchFolder()
    const run = await runFerry(['get', '-o', '1', '-o', '2', ...urls('x/same', 'y/same')], {cwd})
    expect(run.code).toBe(0)
    expect(readFileSync(join(cwd, '1'), 'utf8')).toMatch(/^x+$/)
    expect(existsSync(join(cwd, '2'))).toBe(true)
  })
})
