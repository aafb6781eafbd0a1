export interface ClockOptions {
  /** Something may begin or has to stop. */
  readonly wake: () => void
  /** Milliseconds between two notes of how far the running tasks are. */
  readonly interval: number
  readonly note: () => void
}

/** The timers of the dispatcher: none while nothing runs and nothing has a time to wait for. */
export class DispatcherClock {
  readonly #options: ClockOptions
  #timer: NodeJS.Timeout | undefined
  #notes: NodeJS.Timeout | undefined

  constructor(options: ClockOptions) {
    this.#options = options
  }

  /** Wakes at this time (milliseconds since the epoch), or a while before, or not at all. */
  wakeAt(time: number | undefined): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (time === undefined) return
    // A machine may sleep, and people set clocks: a time of the day is looked at again before it has come.
    const delay = Math.min(Math.max(0, time - Date.now()), 2 * this.#options.interval)
    this.#timer = setTimeout(this.#options.wake, delay)
  }

  /** Notes are taken while something runs. */
  keepNotes(running: number): void {
    if (running > 0) this.#notes ??= setInterval(this.#options.note, this.#options.interval)
    else {
      clearInterval(this.#notes)
      this.#notes = undefined
    }
  }

  stop(): void {
    this.wakeAt(undefined)
    this.keepNotes(0)
  }
}
