import {randomBytes} from 'node:crypto'
import {closeSync, constants, openSync, readFileSync, statSync, unlinkSync, writeSync} from 'node:fs'
import {hostname} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../transfer-error.ts'
import {writeFailure} from './write-failure.ts'

/** Who holds a lock; start time and boot tell a process from a later one with its number. */
interface Holder {
  readonly pid: number
  readonly startTime: string
  readonly boot: string
  readonly host: string
  readonly nonce: string
}

// A taker holds its right for microseconds; one that is older died in between.
const takeoverAge = 5000

/**
 * The right to write one target (fault row 62). Node has no file locks, so it is a file made exclusively, which names
 * its holder; one whose holder is gone is taken over. Throws BUSY when somebody else has it.
 */
export class TargetLock {
  readonly #path: string
  readonly #nonce: string

  private constructor(path: string, nonce: string) {
    this.#path = path
    this.#nonce = nonce
  }

  static async acquire(path: string, target: string): Promise<TargetLock> {
    const holder = ownIdentity()
    for (let attempt = 0; attempt < 20; attempt++) {
      if (createExclusively(path, JSON.stringify(holder))) return new TargetLock(path, holder.nonce)
      const current = readHolder(path)
      if (current && isHeld(current)) throw busy(target, current)
      takeOver(path, current)
      await sleep(5 + attempt)
    }
    throw new TransferError('BUSY', `${target} is in use by another transfer`)
  }

  /** Is somebody at work on the target now? Throws BUSY then. */
  static assertFree(path: string, target: string): void {
    const current = readHolder(path)
    if (current && isHeld(current)) throw busy(target, current)
  }

  release(): void {
    if (readHolder(this.#path)?.nonce === this.#nonce) unlinkSync(this.#path)
  }
}

function busy(target: string, holder: Holder): TransferError {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`
  return new TransferError('BUSY', `${target} is being written by process ${holder.pid}${where}`, {
    hint: 'Wait for that transfer to end, or cancel it; `ferry tasks` lists what runs.'
  })
}

function createExclusively(path: string, text: string): boolean {
  let file: number
  try {
    file = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw writeFailure(error, path)
  }
  try {
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
  return true
}

// Only the holder of the takeover file may remove a stale lock, and only after looking again: two takers that
// both saw the stale one cannot remove each other's fresh lock.
function takeOver(path: string, seen: Holder | undefined): void {
  const right = `${path}.take`
  if (!createExclusively(right, '')) {
    if (age(right) > takeoverAge) removeQuietly(right)
    return
  }
  try {
    const current = readHolder(path)
    const isStale = current ? current.nonce === seen?.nonce && !isHeld(current) : age(path) > takeoverAge
    if (isStale) removeQuietly(path)
  } finally {
    removeQuietly(right)
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else was faster, which is as good.
  }
}

function age(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>
    if (typeof holder.pid !== 'number' || typeof holder.nonce !== 'string') return undefined
    return {
      pid: holder.pid,
      nonce: holder.nonce,
      startTime: holder.startTime ?? '',
      boot: holder.boot ?? '',
      host: holder.host ?? ''
    }
  } catch {
    return undefined
  }
}

function isHeld(holder: Holder): boolean {
  // Another machine cannot be looked at (a network folder): never stale from here.
  if (holder.host !== hostname()) return true
  if (holder.boot !== bootId()) return false
  const started = startTimeOf(holder.pid)
  if (started !== undefined) return holder.startTime === started
  return process.platform !== 'linux' && isRunning(holder.pid)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function ownIdentity(): Holder {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    boot: bootId(),
    host: hostname(),
    nonce: randomBytes(12).toString('hex')
  }
}

function bootId(): string {
  return readLine('/proc/sys/kernel/random/boot_id')
}

// Field 22 of stat, counted behind the command's name, which may contain anything.
function startTimeOf(pid: number): string | undefined {
  const line = readLine(`/proc/${pid}/stat`)
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19]
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}
