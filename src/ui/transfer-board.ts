import {basename} from 'node:path'
import type {SessionDelegate, Task, TaskOutcome, Waiting} from '../engine/index.ts'
import {printable} from './printable.ts'
import {RateMeter} from './rate.ts'
import {isDownloadTask} from './task-record.ts'

/** A running task as a display follows it. */
export interface Transfer {
  readonly task: Task
  readonly meter: RateMeter
  /** The attempt under way, or the one it waits for. */
  attempt: number
  /** Bytes that came over the network for this task, without those of earlier tasks. */
  received: number
  /** The count at the last look. */
  counted: number
  /** Where the content of before went on; 0 for a plain transfer. */
  resumedAt: number
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
  received = 0
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
    let arrived = 0
    for (const transfer of this.active.values()) {
      const bytes = count(transfer)
      transfer.meter.add(bytes, now)
      arrived += bytes
    }
    this.received += arrived
    this.meter.add(arrived, now)
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
      received: 0,
      counted: task.countOfBytesReceived,
      resumedAt: 0,
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
    if (transfer.received === 0) transfer.resumedAt = offset
  }

  #end(task: Task): void {
    if (!task.result || this.#replaced.has(task)) return
    const transfer = this.active.get(task.id) ?? this.#activate(task, 1)
    this.active.delete(task.id)
    this.received += count(transfer)
    this.ended[task.result.state] += 1
    this.#observer.didEnd?.(transfer, task.result)
  }
}

/** Bytes since the last look. A count that fell began again: those from before are gone, but they had come. */
function count(transfer: Transfer): number {
  const now = transfer.task.countOfBytesReceived
  const arrived = Math.max(0, now - transfer.counted)
  transfer.counted = now
  transfer.received += arrived
  return arrived
}

/** A short name for a person: the label, the file, or the last part of the URL. Safe to print. */
export function transferName(task: Task): string {
  return printable(task.options.label ?? fileName(task) ?? urlName(task.originalRequest.url))
}

function fileName(task: Task): string | undefined {
  if (!isDownloadTask(task)) return undefined
  return task.path === undefined ? task.options.fileName : basename(task.path)
}

function urlName(address: URL): string {
  const last = address.pathname.split('/').findLast(part => part !== '')
  return last === undefined ? address.host : decoded(last)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
