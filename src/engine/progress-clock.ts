import type {SessionDelegate} from './session-delegate.ts'
import type {Task} from './task.ts'

const interval = 100

/** Tells the delegate how far tasks are, on a clock of its own: the hot loop only counts. */
export class ProgressClock {
  readonly #delegate: SessionDelegate
  readonly #told = new Map<Task, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(delegate: SessionDelegate) {
    this.#delegate = delegate
  }

  add(task: Task): void {
    if (!this.#delegate.didWriteData) return
    this.#told.set(task, 0)
    this.#timer ??= setInterval(() => {
      for (const running of this.#told.keys()) this.#tell(running)
    }, interval).unref()
  }

  /** The count a task begins with: what earlier tasks brought is no progress of this one. */
  rebase(task: Task): void {
    if (this.#told.has(task)) this.#told.set(task, task.countOfBytesReceived)
  }

  /** Tells the last count, which is always told. */
  finish(task: Task): void {
    this.#tell(task)
  }

  remove(task: Task): void {
    this.#told.delete(task)
    if (this.#told.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tell(task: Task): void {
    const before = this.#told.get(task)
    const total = task.countOfBytesReceived
    if (before === undefined || before === total) return
    this.#told.set(task, total)
    this.#delegate.didWriteData?.(task, {
      bytesWritten: Math.max(0, total - before),
      totalBytesWritten: total,
      totalBytesExpectedToWrite: task.countOfBytesExpectedToReceive
    })
  }
}
