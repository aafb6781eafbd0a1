// Long enough that the remaining time stays calm, short enough that a stall shows within seconds.
const memory = 10_000

/** Bytes a second as an exponentially weighted average over about ten seconds. */
export class RateMeter {
  #bytes = 0
  #span = 0
  #last: number

  /** @param start milliseconds; the time from which the first bytes count */
  constructor(start: number) {
    this.#last = start
  }

  /** Adds bytes that arrived since the call before. Zero bytes count too: they pull the average down. */
  add(bytes: number, time: number): void {
    const passed = time - this.#last
    if (passed <= 0) {
      this.#bytes += bytes
      return
    }
    const kept = Math.exp(-passed / memory)
    // Bytes and time fade alike, so that the average is right from the first sample on.
    this.#bytes = this.#bytes * kept + bytes
    this.#span = this.#span * kept + passed
    this.#last = time
  }

  /** Undefined until some time has passed. */
  get bytesPerSecond(): number | undefined {
    return this.#span === 0 ? undefined : (this.#bytes / this.#span) * 1000
  }
}
