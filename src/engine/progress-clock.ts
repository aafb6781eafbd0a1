import type {SessionDelegate} from './session-delegate.ts'
import type {Task} from './task.ts'
import {UploadTask} from './upload-task.ts'

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
    const notice = task.kind === 'upload' ? this.#delegate.didSendBodyData : this.#delegate.didWriteData
    if (!notice) return
    this.#told.set(task, 0)
    this.#timer ??= setInterval(() => {
      for (const running of this.#told.keys()) this.#tell(running)
    }, interval).unref()
  }

  /** The count a task begins with: what earlier tasks brought is no progress of this one. */
  rebase(task: Task): void {
    const told = this.#told.get(task)
    if (told === undefined) return
    const count = countOf(task)
    // What was sent once is never taken back, even if it has to be sent again (R44).
    this.#told.set(task, task.kind === 'upload' ? Math.max(told, count) : count)
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
    if (before === undefined) return
    const total = countOf(task)
    if (task instanceof UploadTask) this.#tellSent(task, {before, total})
    else this.#tellWritten(task, {before, total})
  }

  #tellWritten(task: Task, {before, total}: {before: number; total: number}): void {
    if (before === total) return
    this.#told.set(task, total)
    this.#delegate.didWriteData?.(task, {
      bytesWritten: Math.max(0, total - before),
      totalBytesWritten: total,
      totalBytesExpectedToWrite: task.countOfBytesExpectedToReceive
    })
  }

  // A body that is sent again begins at zero: until it is as far as before, there is nothing to tell (R44).
  #tellSent(task: UploadTask, {before, total}: {before: number; total: number}): void {
    if (total <= before) return
    this.#told.set(task, total)
    this.#delegate.didSendBodyData?.(task, {
      bytesSent: total - before,
      totalBytesSent: total,
      totalBytesExpectedToSend: task.countOfBytesExpectedToSend
    })
  }
}

function countOf(task: Task): number {
  return task.kind === 'upload' ? task.countOfBytesSent : task.countOfBytesReceived
}
