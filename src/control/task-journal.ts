import type {Task, TaskOutcome} from '../engine/index.ts'
import {keptEnds} from './ended-ring.ts'
import type {IndexEntry} from './index-entry.ts'
import type {ProcessIdentity} from './process-identity.ts'
import type {TaskIndex} from './task-index.ts'
import type {ControllableTask, TaskRecords} from './task-record.ts'

export interface JournalOptions<T extends ControllableTask> {
  readonly index: Pick<TaskIndex, 'write' | 'remove' | 'keepEnded'>
  readonly records: TaskRecords<T>
  readonly owner: ProcessIdentity
  /** Told when the index cannot be kept; the transfers do not depend on it. */
  readonly report: (error: unknown) => void
}

interface Ended<T> {
  readonly task: T
  readonly outcome: TaskOutcome
}

type Plan<T> =
  {readonly kind: 'write'; readonly task: T; readonly outcome?: TaskOutcome} | {readonly kind: 'remove'}

// A transfer shorter than the patience leaves no trace in the index: it costs its files and nothing else.
const patience = 100

/** Keeps the index true for the tasks of this process: collects what has to be written, and writes it in order. */
export class TaskJournal<T extends ControllableTask = Task> {
  readonly #options: JournalOptions<T>
  readonly #plans = new Map<string, Plan<T>>()
  /** Ids that have an entry on disk. */
  readonly #written = new Set<string>()
  readonly #ended: Ended<T>[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(options: JournalOptions<T>) {
    this.#options = options
  }

  /** Waits for the task's end, to write it down. */
  follow(task: T): void {
    void task.outcome.then(outcome => this.#end({task, outcome}))
  }

  /** The task's resume data was written or, without a path, removed. */
  noteResumeData(task: T, path: string | undefined): void {
    if (task.hasEnded) return
    if (path === undefined) return this.#planRemoval(task.id)
    this.#plans.set(task.id, {kind: 'write', task})
    this.#timer ??= setTimeout(() => void this.settled(), patience).unref()
  }

  /** Writes now what is waiting to be written; resolves when it is on disk. */
  settled(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  /** The last act: also keeps how tasks ended, the successes only if asked for (a quick success writes nothing). */
  async close(ends: 'all' | 'unsuccessful'): Promise<void> {
    await this.settled()
    const kept = this.#ended.filter(({outcome}) => ends === 'all' || outcome.state !== 'completed')
    await this.#attempt(() => this.#options.index.keepEnded(kept.map(end => this.#entry(end))))
    this.#ended.length = 0
  }

  #end(end: Ended<T>): void {
    const {task, outcome} = end
    if (outcome.resumeData !== undefined) {
      this.#plans.set(task.id, {kind: 'write', ...end})
      void this.settled()
      return
    }
    this.#planRemoval(task.id)
    this.#ended.push(end)
    if (this.#ended.length > keptEnds) this.#ended.shift()
  }

  #planRemoval(id: string): void {
    this.#plans.delete(id)
    if (!this.#written.has(id)) return
    this.#plans.set(id, {kind: 'remove'})
    void this.settled()
  }

  async #write(): Promise<void> {
    const plans = [...this.#plans]
    this.#plans.clear()
    for (const [id, plan] of plans) {
      if (plan.kind === 'remove') this.#written.delete(id)
      else this.#written.add(id)
      await this.#attempt(() =>
        plan.kind === 'remove' ? this.#options.index.remove(id) : this.#options.index.write(this.#entry(plan))
      )
    }
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.#options.report(error)
    }
  }

  #entry({task, outcome}: {task: T; outcome?: TaskOutcome}): IndexEntry {
    return {
      version: 1,
      record: this.#options.records.record(task, outcome),
      exitCode: outcome ? this.#options.records.exitCode(outcome) : null,
      label: task.options.label ?? null,
      created: task.created,
      ended: outcome ? Date.now() : null,
      owner: this.#options.owner
    }
  }
}
