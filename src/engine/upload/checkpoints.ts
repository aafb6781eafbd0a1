import {monotonic} from '../exchange/monotonic.ts'

// A checkpoint comes when twenty times the time of the one before has passed: it never takes more than a twentieth.
const share = 20
const shortestInterval = 1000

/** A step that is taken now and then, beside what else happens, and never twice at a time. */
export class Checkpoints {
  readonly #step: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #under: Promise<void> | undefined
  #isStopped = true

  constructor(step: () => Promise<void>) {
    this.#step = step
  }

  start(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#later(shortestInterval)
  }

  /** Resolves when no step is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#under
  }

  #later(delay: number): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      const begun = monotonic()
      this.#under = this.#step().finally(() => {
        this.#under = undefined
        this.#later(Math.max(shortestInterval, (monotonic() - begun) * share))
      })
    }, delay).unref()
  }
}
