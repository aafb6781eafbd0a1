import {spawn, spawnSync} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Stage} from './stage.ts'

/** Of one whole process with its children: milliseconds, and bytes at the peak where this machine can tell. */
export interface Measurement {
  readonly wall: number
  readonly cpu: number | undefined
  readonly peakMemory: number | undefined
}

/** Runs a command and says what it cost. Throws when it fails. */
export type Meter = (words: readonly string[]) => Promise<Measurement>

interface Ended {
  readonly wall: number
  readonly code: number | null
}

// The kernel hands the figures of a child to whoever waits for it, which Node does not pass on.
const waiter = `
import os, sys
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], 'w') as report: report.write('%f %f %d' % (usage.ru_utime, usage.ru_stime, usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) and 1)
`

/**
 * Chooses the best way of this machine: GNU time, else Python, else the clock alone. Reports go to the stage's folder.
 * An interruption ends what is running, and the meter rejects.
 */
export function makeMeter({folder, home}: Stage, interruption: AbortSignal): Meter {
  const report = join(folder, 'usage')
  const environment = {...process.env, FERRY_HOME: home, LC_ALL: 'C.UTF-8'}
  const wrapper = wrapperFor(report)
  return async words => {
    const log = join(folder, 'stderr')
    const {wall, code} = await run([...wrapper, ...words], {environment, log, interruption})
    interruption.throwIfAborted()
    if (code !== 0) {
      throw new Error(`${words.join(' ')}\nended with ${code}: ${readFileSync(log, 'utf8').slice(-2000)}`)
    }
    if (wrapper.length === 0) return {wall, cpu: undefined, peakMemory: undefined}
    const [user = 0, system = 0, kibibytes = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
    return {wall, cpu: (user + system) * 1000, peakMemory: kibibytes * 1024}
  }
}

function wrapperFor(report: string): string[] {
  const time = ['/usr/bin/time', '-q', '-f', '%U %S %M', '-o', report]
  if (works([...time, 'true'])) return time
  const python = ['python3', '-c', waiter, report]
  return works([...python, 'true']) ? python : []
}

function works([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, args, {stdio: 'ignore'}).status === 0
}

interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly log: string
  readonly interruption: AbortSignal
}

function run(
  [program = '', ...args]: readonly string[],
  {environment, log, interruption}: Surroundings
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const errors = openSync(log, 'w')
    const start = performance.now()
    // A group of its own: an interruption has to reach the tool, not only what measures it.
    const child = spawn(program, args, {
      env: environment,
      stdio: ['ignore', 'ignore', errors],
      detached: true
    })
    closeSync(errors)
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
    interruption.addEventListener('abort', end)
    child.once('error', reject)
    child.once('exit', code => {
      interruption.removeEventListener('abort', end)
      resolve({wall: performance.now() - start, code})
    })
  })
}
