import {existsSync, readFileSync, readdirSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {runFerry, startFerry} from './ferry.ts'
import type {LiveFerry, Run} from './ferry.ts'

/** What `ferry daemon status --json` says, as far as tests look at it. */
export interface DaemonStatus {
  readonly running: boolean
  readonly pid: number | null
  readonly idleSince?: string | null
  readonly resources?: readonly string[]
  readonly tasks?: Readonly<Record<string, number>>
  readonly stopped: boolean
  readonly unfinished?: boolean
}

/** A FERRY_HOME of its own. No daemon that is in it when the test ends outlives the test. */
export interface DaemonHome {
  readonly home: string
  readonly ferry: (...args: string[]) => Promise<Run>
  /** Resolves when a daemon answers that leaves after so many seconds without work. */
  readonly start: (idle?: string) => Promise<LiveFerry>
  readonly status: () => Promise<DaemonStatus>
  /** The daemon's log. */
  readonly log: () => string
}

/** Makes one; call it inside a test. */
export function daemonHome(): DaemonHome {
  const home = scratchFolder()
  const ferry = (...args: string[]): Promise<Run> => runFerry(args, {env: {FERRY_HOME: home}, cwd: home})
  const status = async (): Promise<DaemonStatus> =>
    JSON.parse((await ferry('daemon', 'status', '--json')).stdout) as DaemonStatus
  const start = async (idle = '60'): Promise<LiveFerry> => {
    const daemon = startFerry(['daemon', 'run', '--idle', idle], {env: {FERRY_HOME: home}})
    await until(() => existsSync(join(home, 'run', 'daemon.sock')))
    await until(async () => (await status()).running)
    return daemon
  }
  const log = (): string => readFileSync(join(home, 'state', 'background', 'daemon.log'), 'utf8')
  onTestFinished(() => endProcessesOf(home))
  return {home, ferry, start, status, log}
}

/** Waits until a condition holds, as long as the test that asks for it goes on. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const test = new AbortController()
  onTestFinished(() => test.abort())
  while (!(await condition())) await sleep(30, undefined, {signal: test.signal})
}

/** Is there such a process, and has it not ended? */
export function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

// Milliseconds; whoever only looks whether a daemon listens has gone by then.
const stay = 300

/** Has somebody visit a process through a socket with a name, and resolves when they are there to stay. */
export async function untilVisited<Visit>(pid: number, visit: () => Visit): Promise<Visit> {
  const before = visitorsOf(pid)
  const visiting = visit()
  const came = new Map<string, number>()
  await until(() => {
    const now = performance.now()
    const there = visitorsOf(pid).filter(socket => !before.includes(socket))
    for (const socket of there) came.set(socket, came.get(socket) ?? now)
    return there.some(socket => now - (came.get(socket) ?? now) >= stay)
  })
  return visiting
}

// Whoever comes through a door has a socket of its name at this end; those of the process's own requests have none.
function visitorsOf(pid: number): readonly string[] {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n')
  const fields = lines.map(line => line.trim().split(/\s+/))
  const named = new Set(fields.filter(each => each.length > 7).map(each => `socket:[${each[6]}]`))
  return socketsOf(pid).filter(socket => named.has(socket))
}

/** The sockets that a process has open; none where it has gone. */
export function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  const open = namesIn(folder).map(name => linkAt(join(folder, name)))
  return open.filter(to => to.startsWith('socket:'))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

// What was in the list may be closed by now.
function linkAt(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

// A daemon may have begun without a word in its log so far, so it is found by its environment.
async function endProcessesOf(home: string): Promise<void> {
  for (let pids = processesOf(home); pids.length > 0; pids = processesOf(home)) {
    for (const pid of pids) kill(pid)
    await sleep(10)
  }
}

function processesOf(home: string): readonly number[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.map(Number).filter(pid => isAlive(pid) && environmentOf(pid).includes(`FERRY_HOME=${home}`))
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}
