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

  /** Wakes at the first of these times (milliseconds since the epoch) or a while before; not at all where there is none. */
  wakeAt(times: readonly (number | undefined)[]): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const time = Math.min(...times.filter(each => each !== undefined))
    if (time === Infinity) return
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
    this.wakeAt([])
    this.keepNotes(0)
  }
}
