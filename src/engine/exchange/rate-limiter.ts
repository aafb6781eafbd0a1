import {monotonic} from './monotonic.ts'
/** A token bucket for all tasks of a session (bytes a second). */
export class RateLimiter {
  readonly #rate: number | undefined
  #debt = 0
  #at = monotonic()

  constructor(rate: number | undefined) {
    this.#rate = rate
  }

  get isActive(): boolean {
    return this.#rate !== undefined
  }

  /** Notes received bytes; the milliseconds to hold back before the next ones. */
  take(bytes: number): number {
    if (this.#rate === undefined) return 0
    const now = monotonic()
    this.#debt = Math.max(0, this.#debt - ((now - this.#at) * this.#rate) / 1000) + bytes
    this.#at = now
    return (this.#debt * 1000) / this.#rate
  }
}
