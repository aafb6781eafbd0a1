import type {Task} from './task.ts'

export interface TaskQueueOptions {
  /** How many tasks run at once. */
  readonly limit: number
  /** Runs a task to its end; resolves to the one that goes on in its slot, if any. */
  readonly run: (task: Task) => Promise<Task | undefined>
}

/** The tasks of a session that were resumed: the most urgent start first, of equals the one that came first. */
export class TaskQueue {
  readonly #options: TaskQueueOptions
  readonly #waiting: Task[] = []
  readonly #scheduled = new Set<Task>()
  #running = 0

  constructor(options: TaskQueueOptions) {
    this.#options = options
  }

  /** Starts the task as soon as there is room; once is enough. */
  add(task: Task): void {
    if (this.#scheduled.has(task)) return
    this.#scheduled.add(task)
    const priority = priorityOf(task)
    const last = this.#waiting.at(-1)
    // Most tasks are as urgent as the one before.
    const isLast = last === undefined || priorityOf(last) >= priority
    const behind = isLast
      ? this.#waiting.length
      : this.#waiting.findIndex(other => priorityOf(other) < priority)
    this.#waiting.splice(behind, 0, task)
    this.#startNext()
  }

  /** Counts the task as added; the one whose place it takes starts it. */
  expect(task: Task): void {
    this.#scheduled.add(task)
  }

  has(task: Task): boolean {
    return this.#scheduled.has(task)
  }

  /** Takes back a task that was not started yet. */
  withdraw(task: Task): void {
    const index = this.#waiting.indexOf(task)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  /** Forgets a task that has ended. */
  remove(task: Task): void {
    this.#scheduled.delete(task)
  }

  #startNext(): void {
    while (this.#running < this.#options.limit) {
      const task = this.#waiting.shift()
      if (!task) return
      if (task.enter('running')) void this.#occupy(task)
    }
  }

  async #occupy(task: Task): Promise<void> {
    this.#running += 1
    const successor = await this.#options.run(task)
    this.#running -= 1
    if (successor) this.#waiting.unshift(successor)
    this.#startNext()
  }
}

function priorityOf(task: Task): number {
  return task.options.priority ?? 0.5
}
