import type {SessionDelegate, Task, TaskOutcome, Waiting} from '../engine/index.ts'
import {awaitsAnswer, isHearsay, movedBy} from './moved.ts'
import {RateMeter} from './rate.ts'

/** A running task as a display follows it. */
export interface Transfer {
  readonly task: Task
  readonly meter: RateMeter
  /** The attempt under way, or the one it waits for. */
  attempt: number
  /** Bytes that went over the network for this task, without those of earlier tasks. */
  moved: number
  /** The count at the last look. */
  counted: number
  /** Where the content of before went on; 0 for a plain transfer. */
  resumedAt: number
  /** When an upload was found to have sent everything, in milliseconds since the epoch. */
  sentAt: number | undefined
  /** The last wait, and when it ends in milliseconds since the epoch. Over when the task is not waiting any more. */
  waiting: (Waiting & {readonly until: number}) | undefined
}

export interface BoardObserver {
  didStart?(transfer: Transfer): void
  didWait?(transfer: Transfer): void
  didEnd?(transfer: Transfer, outcome: TaskOutcome): void
}

/** Keeps the score of a session's tasks: told of transitions, it reads the counts whenever a display wants to know. */
export class TransferBoard {
  /** Started and not ended, oldest first. */
  readonly active = new Map<string, Transfer>()
  readonly began = Date.now()
  readonly meter = new RateMeter(this.began)
  readonly delegate: SessionDelegate
  readonly ended = {completed: 0, failed: 0, paused: 0, cancelled: 0}
  created = 0
  moved = 0
  readonly #observer: BoardObserver
  /** Tasks whose transfer goes on under another one; their own end is nobody's news. */
  readonly #replaced = new WeakSet<Task>()

  constructor(observer: BoardObserver) {
    this.#observer = observer
    this.delegate = {
      didCreateTask: () => {
        this.created += 1
      },
      didStartTask: (task, attempt) => this.#start(task, attempt),
      taskIsWaiting: (task, waiting) => this.#wait(task, waiting),
      taskWillReconnect: (task, waiting) => this.#wait(task, waiting),
      didBecomeDownload: (task, download) => this.#replace(task, download),
      didResumeAtOffset: (task, resumption) => this.#resumeAt(task, resumption.offset),
      didCompleteWithError: task => this.#end(task)
    }
  }

  /** Reads the counts of all active tasks. */
  look(now = Date.now()): void {
    let moved = 0
    for (const transfer of this.active.values()) {
      const bytes = count(transfer)
      transfer.meter.add(bytes, now)
      transfer.sentAt = awaitsAnswer(transfer.task) ? (transfer.sentAt ?? now) : undefined
      moved += bytes
    }
    this.moved += moved
    this.meter.add(moved, now)
  }

  #start(task: Task, attempt: number): void {
    const known = this.active.get(task.id)
    if (known) {
      known.attempt = attempt
      return
    }
    const transfer = this.#activate(task, attempt)
    this.#observer.didStart?.(transfer)
  }

  #activate(task: Task, attempt: number): Transfer {
    const transfer: Transfer = {
      task,
      meter: new RateMeter(Date.now()),
      attempt,
      moved: 0,
      counted: movedBy(task).bytes,
      resumedAt: 0,
      sentAt: undefined,
      waiting: undefined
    }
    this.active.set(task.id, transfer)
    return transfer
  }

  #wait(task: Task, waiting: Waiting): void {
    const transfer = this.active.get(task.id)
    if (!transfer) return
    transfer.waiting = {...waiting, until: Date.now() + waiting.delay}
    if (waiting.reason === 'retry') transfer.attempt += 1
    this.#observer.didWait?.(transfer)
  }

  /** A data task goes on as a download: the same transfer to a person. */
  #replace(task: Task, download: Task): void {
    const transfer = this.active.get(task.id)
    this.active.delete(task.id)
    this.#replaced.add(task)
    this.created -= 1
    if (transfer && !this.active.has(download.id)) this.active.set(download.id, {...transfer, task: download})
  }

  #resumeAt(task: Task, offset: number): void {
    const transfer = this.active.get(task.id)
    if (!transfer) return
    transfer.counted = offset
    // Only what an earlier task left behind counts as resumed, not this task's own second attempt.
    if (transfer.moved === 0 || offset === 0) transfer.resumedAt = offset
  }

  #end(task: Task): void {
    if (!task.result || this.#replaced.has(task)) return
    const transfer = this.active.get(task.id) ?? this.#activate(task, 1)
    this.active.delete(task.id)
    this.moved += count(transfer)
    this.ended[task.result.state] += 1
    this.#observer.didEnd?.(transfer, task.result)
  }
}

/** Bytes since the last look. A count that fell began again: those from before are gone, but they had moved. */
function count(transfer: Transfer): number {
  const {bytes: now} = movedBy(transfer.task)
  const moved = isHearsay(transfer.task) ? 0 : Math.max(0, now - transfer.counted)
  transfer.counted = now
  transfer.moved += moved
  return moved
}
