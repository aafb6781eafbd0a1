import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {brotliCompressSync, gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {echo, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {canary, entrust} from '../canary/canary.ts'

const cliSecret = canary('cli')
const cliSecret2 = canary('cli')

const fresh = {'cache-control': 'max-age=3600'}

/** An origin whose answers last, `1`, `2` ..., and one home for all runs. */
async function scene(): Promise<{origin: Origin; home: string; get: (...flags: string[]) => Promise<Run>}> {
  const origin = await startOrigin()
  for (const each of [cliSecret, cliSecret2]) entrust(each, origin)
  let count = 0
  origin.on('/', (_request, reply) => reply.respond(200, fresh, String(++count)))
  const home = scratchFolder()
  const get = (...flags: string[]) =>
    runFerry(['get', ...flags, origin.url('/')], {env: {FERRY_HOME: home}, cwd: home})
  return {origin, home, get}
}

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, {recursive: true, withFileTypes: true})
        .filter(each => each.isFile() && each.name !== '.swept')
        .map(each => each.name)
    : []

describe('What goes to standard output', () => {
  it('is asked for once as long as it lasts, by several processes; a file always is, and stores nothing [R7]', async () => {
    const {origin, home, get} = await scene()
    await using _closing = origin
    expect((await get('-o', 'first')).code).toBe(0)
    expect(filesBelow(join(home, 'state', 'cache'))).toEqual([])
    expect((await get('-o', '-')).stdout).toBe('2')
    expect((await get('-o', '-')).stdout).toBe('2')
    await get('-o', 'second')
    expect(readFileSync(join(home, 'second'), 'utf8')).toBe('3')
    expect(origin.requests).toHaveLength(3)
  })

  it('is stored nowhere with --no-store, which leaves what is stored in use [R14, R48]', async () => {
    const {origin, home, get} = await scene()
    await using _closing = origin
    expect((await get('-o', '-', '--no-store')).stdout).toBe('1')
    expect(existsSync(join(home, 'state', 'cache'))).toBe(false)
    expect((await get('-o', '-')).stdout).toBe('2')
    expect((await get('-o', '-', '--no-store')).stdout).toBe('2')
  })

  it('is stored or not as --on-cache says, and the events tell of it [R14, R48, 3D 108]', async () => {
    const {origin, home, get} = await scene()
    await using _closing = origin
    const run = await get('-o', '-', '--events', '--on-cache', `echo '{"decision":"deny"}'`)
    expect(run.stdout).toContain('"event":"cache.willStore"')
    expect(run.stdout).toContain('"decision":"deny"')
    expect(filesBelow(join(home, 'state', 'cache'))).toEqual([])
    expect((await get('-o', '-')).stdout).toBe('2')
  })

  it('is asked for anew where the user says no-cache, or who asks', async () => {
    const {origin, get} = await scene()
    await using _closing = origin
    await get('-o', '-')
    expect((await get('-o', '-', '-H', 'Cache-Control: no-cache')).stdout).toBe('2')
    expect((await get('-o', '-', '-u', `ann:${cliSecret}`)).stdout).toBe('3')
    expect((await get('-o', '-', '-b', `id=${cliSecret2}`)).stdout).toBe('4')
    expect((await get('-o', '-')).stdout).toBe('2')
  })

  it('of an ephemeral run is stored by nobody [R8]', async () => {
    const {origin, home, get} = await scene()
    await using _closing = origin
    expect((await get('-o', '-', '--ephemeral')).stdout).toBe('1')
    expect(existsSync(join(home, 'state', 'cache'))).toBe(false)
    expect((await get('-o', '-', '--ephemeral')).stdout).toBe('2')
  })

  it('says in its metrics where it came from', async () => {
    const {origin, get} = await scene()
    await using _closing = origin
    await get('-o', '-')
    expect((await get('-o', '-', '--events')).stdout).toContain('"fetchType":"localCache"')
  })

  it('survives processes that store the same address at once: one whole answer is left', async () => {
    const origin = await startOrigin()
    await using _closing = origin
    let count = 0
    origin.on('/', (_request, reply) => reply.respond(200, fresh, `${++count % 10}`.repeat(50_000)))
    const home = scratchFolder()
    const get = (...flags: string[]) =>
      startFerry(['get', '-o', '-', ...flags, origin.url('/')], {env: {FERRY_HOME: home}}).done
    const runs = await Promise.all(Array.from({length: 6}, () => get('-H', 'Cache-Control: no-cache')))
    expect(runs.map(({code}) => code)).toEqual([0, 0, 0, 0, 0, 0])
    expect(runs.map(({stderr}) => stderr).join('')).not.toContain('cache')
    const asked = origin.requests.length
    const {stdout} = await get()
    expect(origin.requests).toHaveLength(asked)
    expect(stdout).toHaveLength(50_000)
    expect(new Set(stdout).size).toBe(1)
    expect(filesBelow(join(home, 'state', 'cache'))).toHaveLength(1)
  })

  it('is forgotten with a reset of its session [3B 86, R62]', async () => {
    const {origin, home, get} = await scene()
    await using _closing = origin
    await get('-o', '-')
    expect(filesBelow(join(home, 'state', 'cache'))).toHaveLength(1)
    const reset = await runFerry(['sessions', 'reset', 'shared'], {env: {FERRY_HOME: home}})
    expect(reset.code).toBe(0)
    expect(filesBelow(join(home, 'state', 'cache'))).toEqual([])
    expect((await get('-o', '-')).stdout).toBe('2')
  })
})

describe('Encoded content', () => {
  it('is asked for by -o - and not by -o FILE [3A 2]', async () => {
    await using origin = await startOrigin()
    origin.on('/', echo)
    const cwd = scratchFolder()
    const codingsIn = (text: string) =>
      (JSON.parse(text) as {headers: Record<string, string>}).headers['accept-encoding']
    const data = await runFerry(['get', '-o', '-', origin.url('/')])
    expect(codingsIn(data.stdout)).toContain('br')
    await runFerry(['get', '-o', 'f', origin.url('/')], {cwd})
    expect(codingsIn(readFileSync(join(cwd, 'f'), 'utf8'))).toBe('identity')
    const saving = await runFerry(['get', '-o', '-', '--download-over', '1M', origin.url('/')])
    expect(codingsIn(saving.stdout)).toBe('identity')
  })

  it.each([
    ['gzip', gzipSync('Hello World!'), '3A 11'],
    ['br', brotliCompressSync('Hello World!'), '3A 12']
  ])('with %s comes decoded to standard output [%3$s]', async (coding, bytes) => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': coding}, bytes))
    expect((await runFerry(['get', '-o', '-', origin.url('/')])).stdout).toBe('Hello World!')
  })

  it('is written decoded to a file with --compressed [3A 20]', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200, {'content-encoding': 'gzip'}, gzipSync('Hello World!')))
    const cwd = scratchFolder()
    await runFerry(['get', '--compressed', '-o', 'f', origin.url('/')], {cwd})
    expect(readFileSync(join(cwd, 'f'), 'utf8')).toBe('Hello World!')
  })

  it('of a name that is an archive comes as it is', async () => {
    await using origin = await startOrigin()
    const archive = gzipSync('Hello World!')
    origin.on('/x.tar.gz', respond(200, {'content-encoding': 'gzip'}, archive))
    expect((await runFerry(['get', '-o', '-', origin.url('/x.tar.gz')])).output.equals(archive)).toBe(true)
  })

  it.runIf(process.platform === 'linux')(
    'that grows without end takes no memory, and ends where the size allowed does [CVE 50]',
    async () => {
      await using origin = await startOrigin()
      const bomb = Buffer.concat(Array.from({length: 12}, () => gzipSync(Buffer.alloc(64 << 20))))
      const fields = {'content-encoding': 'gzip'}
      origin.on('/200', respond(200, fields, bomb))
      origin.on('/302', respond(302, {...fields, location: '/end'}, bomb))
      origin.on('/401', respond(401, {...fields, 'www-authenticate': 'Basic realm="x"'}, bomb))
      origin.on('/end', respond(200, {}, 'x'))
      const limited = await runFerry(['get', '-o', '-', '--max-filesize', '1M', origin.url('/200')])
      expect(limited.code).toBe(63)
      expect(limited.output.length).toBeLessThanOrEqual(1 << 20)
      for (const [path, code] of [
        ['/200', 0],
        ['/302', 0],
        ['/401', 22]
      ] as const) {
        const ferry = startFerry(['get', '-s', '-o', '-', origin.url(path)], {
          stdio: ['ignore', 'ignore', 'pipe']
        })
        const peak = await peakMemory(ferry.pid ?? 0, ferry.done)
        expect((await ferry.done).code).toBe(code)
        expect(peak).toBeLessThan(200 << 10)
      }
    }
  )
})

/** The most memory that a process had while it ran, in KiB, as far as a look every few milliseconds shows it. */
async function peakMemory(pid: number, done: Promise<unknown>): Promise<number> {
  let peak = 0
  let isRunning = true
  void done.then(() => {
    isRunning = false
  })
  while (isRunning) {
    const path = `/proc/${pid}/status`
    if (!statSync(path, {throwIfNoEntry: false})) break
    const status = readFileSync(path, 'utf8')
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return peak
}
