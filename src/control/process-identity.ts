import {readFileSync, readlinkSync} from 'node:fs'
import {hostname} from 'node:os'

/** One process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to the start of the process (proc(5), stat field 22); unknown where there is no /proc. */
  readonly startTime?: string | undefined
  readonly bootId?: string | undefined
  /** Machine, and on Linux the namespace in which the number counts: containers may share a name. */
  readonly host: string
}

export type Liveness = 'alive' | 'gone' | 'unknown'

/** The running process itself. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: processStat(process.pid)?.startTime,
    bootId: bootId(),
    host: hostAndNamespace()
  }
}

/** Does that very process still run? Unknown when it counts on another machine or in another container. */
export function isAlive(identity: ProcessIdentity): Liveness {
  if (identity.host !== hostAndNamespace()) return 'unknown'
  const boot = bootId()
  if (identity.bootId !== undefined && boot !== undefined && identity.bootId !== boot) return 'gone'
  const stat = processStat(identity.pid)
  // A zombie has ended; in a container without a reaper it stays for ever.
  if (stat?.state === 'Z' || stat?.state === 'X') return 'gone'
  if (stat && identity.startTime !== undefined)
    return stat.startTime === identity.startTime ? 'alive' : 'gone'
  return answersSignals(identity.pid) ? 'alive' : 'gone'
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function processStat(pid: number): {state: string | undefined; startTime: string | undefined} | undefined {
  const text = readSmall(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The command's name, field 2, may itself contain blanks and brackets: count from its last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {state: fields[0], startTime: fields[19]}
}

function bootId(): string | undefined {
  return readSmall('/proc/sys/kernel/random/boot_id')?.trim()
}

function hostAndNamespace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function readSmall(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
