const statusLine = Buffer.from('HTTP/1.1 100')
const firstOfStatus = 9
const headEnd = Buffer.from('\r\n\r\n')
const nothing: Buffer = Buffer.alloc(0)
const mostContinues = 32
const mostBytes = 100 * 1024

/**
 * Takes every 100 (Continue) out of what a server answers to one request, however it is cut, because undici ends a
 * connection that says it. Other interim answers and the final one pass untouched.
 */
export class InterimFilter {
  readonly #onContinue: () => void
  #place: 'start' | 'passing' | 'dropping' | 'over' = 'over'
  /** Bytes of the status line of 100 seen so far. */
  #matched = 0
  /** Bytes of the empty line that ends a head seen so far. */
  #ended = 0
  #continues = 0
  #dropped = 0

  constructor(onContinue: () => void) {
    this.#onContinue = onContinue
  }

  /** A request is being written: its answer comes next. */
  begin(): void {
    this.#place = 'start'
    this.#matched = this.#continues = this.#dropped = 0
  }

  /** More of this than any honest server says. */
  get isFlooded(): boolean {
    return this.#continues > mostContinues || this.#dropped > mostBytes
  }

  /** What is left of a view. */
  pass(view: Buffer): Buffer {
    if (this.#place === 'over') return view
    if (this.#place === 'start' && this.#matched === 0 && view.length > firstOfStatus && !isInterim(view)) {
      this.#place = 'over'
      return view
    }
    return this.#sift(view)
  }

  #sift(view: Buffer): Buffer {
    // Joined once: a view may hold hundreds of answers.
    const kept: Buffer[] = []
    let position = 0
    while (position < view.length && !this.#is('over')) {
      const start = position
      const before = this.#matched
      const place = this.#place
      position = place === 'start' ? this.#match(view, position) : this.#skip(view, position)
      const part = view.subarray(start, position)
      if (place === 'passing') kept.push(part)
      else if (place === 'dropping') this.#dropped += part.length
      else if (this.#is('passing') || this.#is('over')) kept.push(statusLine.subarray(0, before), part)
    }
    return joined([...kept, view.subarray(position)])
  }

  #is(place: 'start' | 'passing' | 'dropping' | 'over'): boolean {
    return this.#place === place
  }

  /** Goes on at the first byte that is no part of the status line of 100, or behind that. */
  #match(view: Buffer, from: number): number {
    let position = from
    while (position < view.length && this.#matched < statusLine.length) {
      if (view[position] !== statusLine[this.#matched]) {
        // Behind the first digit it is another interim answer, whose end matters.
        this.#place = this.#matched > firstOfStatus ? 'passing' : 'over'
        this.#matched = this.#ended = 0
        return position
      }
      position += 1
      this.#matched += 1
    }
    if (this.#matched < statusLine.length) return position
    this.#place = 'dropping'
    this.#matched = this.#ended = 0
    return position
  }

  #skip(view: Buffer, from: number): number {
    for (let position = from; position < view.length; position++) {
      const byte = view[position]
      this.#ended = byte === headEnd[this.#ended] ? this.#ended + 1 : byte === headEnd[0] ? 1 : 0
      if (this.#ended < headEnd.length) continue
      if (this.#place === 'dropping') {
        this.#continues += 1
        this.#onContinue()
      }
      this.#place = 'start'
      return position + 1
    }
    return view.length
  }
}

function isInterim(view: Buffer): boolean {
  return view[firstOfStatus] === statusLine[firstOfStatus]
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only = nothing, ...others] = parts.filter(({length}) => length > 0)
  return others.length === 0 ? only : Buffer.concat([only, ...others])
}
