import {setImmediate as nextTurn} from 'node:timers/promises'

/** Work that is done once for all who ask for it in the same turn: a script names hundreds of tasks. */
export class OncePerTurn<T> {
  readonly #work: () => Promise<T>
  #next: Promise<T> | undefined

  constructor(work: () => Promise<T>) {
    this.#work = work
  }

  /** Resolves to what comes of work that has not begun yet. */
  done(): Promise<T> {
    this.#next ??= nextTurn().then(() => {
      this.#next = undefined
      return this.#work()
    })
    return this.#next
  }
}
