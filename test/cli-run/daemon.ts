import {readFileSync} from 'node:fs'
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
    await until(async () => (await status()).running)
    return daemon
  }
  const log = (): string => readFileSync(join(home, 'state', 'background', 'daemon.log'), 'utf8')
  onTestFinished(async () => {
    for (const pid of daemonsOf(log)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  return {home, ferry, start, status, log}
}

/** Waits until a condition holds; the test's own limit ends a wait for what never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(30)
}

/** Is there such a process, and has it not ended? */
export function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

// Each line of the log names its process; numbers are not used again so soon.
function daemonsOf(log: () => string): readonly number[] {
  try {
    return [...new Set([...log().matchAll(/^\S+Z (\d+) is there$/gm)].map(([, pid]) => Number(pid)))]
  } catch {
    return []
  }
}
