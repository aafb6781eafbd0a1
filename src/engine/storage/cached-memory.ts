import type {CachedAnswer} from './cached-answer.ts'

/** Answers for as long as the process lives; those used longest ago make room. */
export class CachedMemory {
  readonly #capacity: number
  readonly #answers = new Map<string, CachedAnswer>()
  #size = 0

  /** Of so many bytes, all heads and bodies together. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get capacity(): number {
    return this.#capacity
  }

  find(url: string): CachedAnswer | undefined {
    const answer = this.#answers.get(url)
    if (answer) {
      // The order of a map is the order of insertion: used last is last.
      this.#answers.delete(url)
      this.#answers.set(url, answer)
    }
    return answer
  }

  store(url: string, answer: CachedAnswer): void {
    this.remove(url)
    this.#answers.set(url, answer)
    this.#size += sizeOf(answer)
    for (const [oldest] of this.#answers) {
      if (this.#size <= this.#capacity) return
      this.remove(oldest)
    }
  }

  remove(url: string): void {
    const answer = this.#answers.get(url)
    if (!answer) return
    this.#answers.delete(url)
    this.#size -= sizeOf(answer)
  }

  clear(): void {
    this.#answers.clear()
    this.#size = 0
  }
}

/** What an answer takes, in bytes. */
export function sizeOf({head, body}: CachedAnswer): number {
  return body.length + JSON.stringify(head).length
}
