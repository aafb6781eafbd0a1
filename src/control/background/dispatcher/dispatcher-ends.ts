import type {TaskOutcome} from '../../../engine/index.ts'

/** Who waits for the end of a task of the journal, however often it is started until then. */
export class Ends {
  readonly #waiting = new Map<string, PromiseWithResolvers<TaskOutcome>>()

  of(id: string): Promise<TaskOutcome> {
    const found = this.#waiting.get(id) ?? Promise.withResolvers<TaskOutcome>()
    this.#waiting.set(id, found)
    return found.promise
  }

  settle(id: string, outcome: TaskOutcome): void {
    this.#waiting.get(id)?.resolve(outcome)
    this.#waiting.delete(id)
  }
}
