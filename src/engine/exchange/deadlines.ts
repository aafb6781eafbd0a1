import {monotonic} from './monotonic.ts'
import {TransferError} from '../transfer-error.ts'

/** Something that has to move. All times are milliseconds of a monotonic clock. */
export interface Watched {
  /** Any number that changes when there is progress. */
  progress(): number
  /** Held back by this side: time does not count. */
  isHeld(): boolean
  /** Bytes of the bodies so far, in both directions, for the low-speed rule. */
  bytes(): number
  /** What there is to wait for. */
  direction(): 'sending' | 'receiving'
  expire(error: TransferError): void
}

export interface DeadlineLimits {
  /** Milliseconds without progress. */
  readonly idle: number
  /** Bytes a second, and over how many milliseconds; undefined = no rule. */
  readonly lowSpeed: {readonly rate: number; readonly time: number} | undefined
}

interface Entry {
  readonly watched: Watched
  progress: number
  since: number
  windowStart: number
  windowBytes: number
}

const tick = 200
// The clock was stopped (a laptop asleep, SIGSTOP): nobody was slow.
const sleep = 5000

/** One clock for all exchanges of a session: it runs only while something is being watched. */
export class Deadlines {
  readonly #limits: DeadlineLimits
  readonly #entries = new Set<Entry>()
  #timer: NodeJS.Timeout | undefined
  #lastTick = 0

  constructor(limits: DeadlineLimits) {
    this.#limits = limits
  }

  /** Watches until the returned function is called. */
  watch(watched: Watched): () => void {
    const now = monotonic()
    const entry = {
      watched,
      progress: watched.progress(),
      since: now,
      windowStart: now,
      windowBytes: watched.bytes()
    }
    this.#entries.add(entry)
    if (!this.#timer) {
      this.#lastTick = now
      this.#timer = setInterval(() => this.#check(), Math.min(tick, Math.max(10, this.#limits.idle / 4)))
    }
    return () => {
      this.#entries.delete(entry)
      if (this.#entries.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #check(): void {
    const now = monotonic()
    const slept = now - this.#lastTick > sleep
    this.#lastTick = now
    for (const entry of [...this.#entries]) {
      const {watched} = entry
      const progress = watched.progress()
      if (slept || watched.isHeld() || progress !== entry.progress) {
        entry.progress = progress
        entry.since = now
      }
      if (slept || watched.isHeld()) restartWindow(entry, now)
      if (now - entry.since >= this.#limits.idle) {
        watched.expire(idleError(this.#limits.idle, watched.direction()))
      } else if (this.#isTooSlow(entry, now)) {
        watched.expire(new SlowTransferError(this.#limits.lowSpeed?.rate ?? 0))
      }
    }
  }

  #isTooSlow(entry: Entry, now: number): boolean {
    const rule = this.#limits.lowSpeed
    if (!rule || now - entry.windowStart < rule.time) return false
    const rate = ((entry.watched.bytes() - entry.windowBytes) * 1000) / (now - entry.windowStart)
    restartWindow(entry, now)
    return rate < rule.rate
  }
}

/** The low-speed rule: unlike other timeouts, its attempts count as fruitless although bytes came. */
export class SlowTransferError extends TransferError {
  constructor(rate: number) {
    super('TIMED_OUT', `The transfer was slower than ${rate} bytes a second for too long`, {
      hint: 'Run the same command again; a lower -Y or a longer -y lets it be slower.'
    })
  }
}

function restartWindow(entry: Entry, now: number): void {
  entry.windowStart = now
  entry.windowBytes = entry.watched.bytes()
}

function idleError(limit: number, direction: 'sending' | 'receiving'): TransferError {
  const what = direction === 'sending' ? 'The server took nothing' : 'Nothing was received'
  return new TransferError('TIMED_OUT', `${what} for ${limit / 1000} s`)
}
