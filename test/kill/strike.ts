import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Order} from './transfer.ts'

/** One system call on one file: the n-th of its kind in its thread. */
export interface Point {
  readonly call: string
  /** Name in the folder of the target; empty for the folder. */
  readonly place: string
  readonly n: number
}

/** What happens instead of the call. */
export type Blow = 'signal=KILL' | 'error=EIO' | 'error=ENOSPC'

/** How a transfer in its own process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly outcome: {readonly state: string; readonly code?: string; readonly message?: string} | undefined
  readonly complaints: string
  readonly trace: string
}

const compiled = fileURLToPath(new URL('../../node_modules/.cache/ferry-test', import.meta.url))
const child = fileURLToPath(new URL('transfer.ts', import.meta.url))

/** Every call that changes a file or decides about one. */
export const calls = 'openat,write,pwrite64,ftruncate,fchmod,fsync,fdatasync,rename,link,unlink'

/** Runs a transfer in a process of its own, below `wrapper` where there is one. */
export function runTransfer(order: Order, wrapper: readonly string[] = []): Promise<Ending> {
  const command = [...wrapper, process.execPath, child, JSON.stringify(order)]
  const [program = '', ...words] = command
  // One thread for files makes the order of calls the same in every run (security.md, fact 15).
  const env = {...process.env, UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: compiled}
  const running = spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe'], env})
  let said = ''
  let complaints = ''
  running.stdout.on('data', (text: Buffer) => (said += text.toString()))
  running.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
  return new Promise((resolve, reject) => {
    running.on('error', reject)
    running.on('close', (code, signal) => {
      const outcome = said.startsWith('{') ? (JSON.parse(said) as Ending['outcome']) : undefined
      resolve({code, signal, outcome, complaints, trace: ''})
    })
  })
}

/** The same below strace, which follows the calls on these paths; the trace comes back as text. */
export async function traceTransfer(
  order: Order,
  {paths, arguments: words}: {paths: readonly string[]; arguments: readonly string[]}
): Promise<Ending> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-strace-'))
  const log = join(folder, 'log')
  try {
    const only = paths.flatMap(path => ['-P', path])
    const ending = await runTransfer(order, ['strace', '-f', '-y', '-qq', '-o', log, ...only, ...words])
    return {...ending, trace: readFileSync(log, 'latin1')}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** Strikes a transfer at one point. */
export function strike(order: Order, {point, blow}: {point: Point; blow: Blow}): Promise<Ending> {
  const {call, place, n} = point
  return traceTransfer(order, {
    paths: [join(order.options.directory, place)],
    arguments: ['-e', `trace=${call}`, '-e', `inject=${call}:${blow}:when=${n}`]
  })
}

/** What stands beside a target while it is fetched, and the folder itself. */
export function pathsAround(directory: string, name: string): string[] {
  const endings = ['', '~', '.part', '.ferry', '.ferry~', '.lock', '.lock.take']
  return [directory, ...endings.map(ending => join(directory, `${name}${ending}`))]
}

/** Every point of a transfer, from one undisturbed run. */
export async function pointsOf(order: Order): Promise<Point[]> {
  const {directory, fileName = ''} = order.options
  const {trace, code, complaints} = await traceTransfer(order, {
    paths: pathsAround(directory, fileName),
    arguments: ['-e', `trace=${calls}`]
  })
  if (code !== 0) throw new Error(`strace cannot run a transfer here (exit ${code}): ${complaints}`)
  const seen = new Map<string, number>()
  const points = new Map<string, Point>()
  for (const line of trace.split('\n')) {
    const [, thread = '', call = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    const path = /\((?:\d+<([^>]+)>|(?:AT_FDCWD[^,]*, )?"([^"]+)")/.exec(line)
    const place = (path?.[1] ?? path?.[2])?.slice(directory.length + 1)
    if (!call || place === undefined) continue
    const n = (seen.get(`${thread} ${call} ${place}`) ?? 0) + 1
    seen.set(`${thread} ${call} ${place}`, n)
    points.set(`${call} ${place} ${n}`, {call, place, n})
  }
  return [...points.values()]
}
