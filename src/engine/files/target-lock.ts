import {randomBytes} from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync
} from 'node:fs'
import {hostname} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../transfer-error.ts'
import {beside, lockName} from './beside.ts'
import {writeFailure} from './write-failure.ts'

/** Who holds a lock; start time and boot tell a process from a later one with its number. */
interface Holder {
  readonly pid: number
  readonly startTime: string
  readonly boot: string
  readonly host: string
  readonly nonce: string
}

// A file without a holder is one that is being written, for microseconds, or was left by a crash.
const writingTime = 250
const attempts = 40

/**
 * The right to write one target. Node has no file locks, so it is a file made exclusively, which names
 * its holder; one whose holder is gone is taken over. Throws BUSY when somebody else has it.
 */
export class TargetLock {
  readonly #path: string
  readonly #nonce: string

  private constructor(path: string, nonce: string) {
    this.#path = path
    this.#nonce = nonce
  }

  static async acquire(target: string): Promise<TargetLock> {
    const path = lockPath(target)
    const holder = ownIdentity()
    for (let attempt = 0; attempt < attempts; attempt++) {
      const begun = Date.now()
      const isOwn = createExclusively(path, holder) || takeOver(path, {holder, target})
      // Stopped for so long before it named its holder, it may be taken over this moment by whoever saw that: a look comes later.
      if (Date.now() - begun > writingTime) await sleep(writingTime)
      if (isOwn && readHolder(path)?.nonce === holder.nonce) return new TargetLock(path, holder.nonce)
      await sleep(5 + attempt)
    }
    throw new TransferError('BUSY', `${target} is in use by another transfer`)
  }

  /** Is somebody at work on the target now? Throws BUSY then. */
  static assertFree(target: string): void {
    const path = lockPath(target)
    const current = existsSync(path) ? readHolder(path) : undefined
    if (current && isHeld(current)) throw busy(target, current)
  }

  /** Removes a lock whose holder is gone; any other stays. */
  static async sweep(target: string): Promise<void> {
    if (!isLeftBehind(lockPath(target))) return
    const lock = await TargetLock.acquire(target).catch(() => undefined)
    lock?.release()
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

function lockPath(target: string): string {
  return beside(target, lockName)
}

function createExclusively(path: string, holder: Holder): boolean {
  let file: number
  try {
    file = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw writeFailure(error, path)
  }
  try {
    writeSync(file, JSON.stringify(holder))
  } catch (error) {
    removeQuietly(path)
    throw writeFailure(error, path)
  } finally {
    closeSync(file)
  }
  return true
}

// A candidate with our name in it replaces the lock of a holder that is gone, in one step: a crash in between leaves
// nothing that the next taker does not recognise. Whoever then reads its own name in the lock has it.
function takeOver(path: string, {holder, target}: {holder: Holder; target: string}): boolean {
  const current = readHolder(path)
  if (current && isHeld(current)) throw busy(target, current)
  const candidate = `${path}.take`
  if (!createExclusively(candidate, holder)) {
    if (isLeftBehind(candidate)) removeQuietly(candidate)
    return false
  }
  try {
    if (isLeftBehind(path)) renameSync(candidate, path)
    else removeQuietly(candidate)
  } catch {
    return false
  }
  return true
}

function isLeftBehind(path: string): boolean {
  const holder = readHolder(path)
  return holder ? !isHeld(holder) : age(path) > writingTime
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

// Field 22 of stat, counted behind the command's name, which may contain anything. A zombie has ended; in a container
// without a reaper it stays for ever.
function startTimeOf(pid: number): string | undefined {
  const line = readLine(`/proc/${pid}/stat`)
  const [state = '', ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' || state === 'X' ? undefined : fields[18]
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}
