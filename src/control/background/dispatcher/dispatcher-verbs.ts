import {existsSync} from 'node:fs'
import {TransferError} from '../../../engine/index.ts'
import type {TaskOutcome} from '../../../engine/index.ts'
import type {BackgroundTask, JournalEvent, TaskChange} from '../background-task.ts'
import type {Telling} from './dispatcher-events.ts'
import type {BackgroundRecords} from './dispatcher-records.ts'
import type {TaskRemains} from './dispatcher-remains.ts'
import type {Journal} from '../journal.ts'
import type {RunningSessions} from './running-sessions.ts'
import {resumeDataOf} from './running-start.ts'
import type {RunningTask} from './running-task.ts'
import type {RunningTasks} from './running-tasks.ts'
import {forced} from './running-verdict.ts'
import {writeDown} from './sent-once.ts'
import type {SubmittedTask} from '../submission.ts'
import {isFinal} from '../task-standing.ts'

export interface VerbOptions {
  readonly journal: Journal
  readonly telling: Telling
  readonly records: BackgroundRecords
  readonly running: RunningTasks
  readonly sessions: RunningSessions
  readonly remains: TaskRemains
  /** A task that does not run stands otherwise now, or was about to. */
  readonly changed: (row: BackgroundTask) => void
  /** Lets a service that rests go on; returns false where it does not rest. */
  readonly goOn: () => boolean
  /** One that did not run has ended. */
  readonly ended: (row: BackgroundTask, outcome: TaskOutcome) => void
}

/** What people can do to the tasks of the journal, whether those run or not. */
export class TaskVerbs {
  readonly #options: VerbOptions
  /** Tasks that are being changed: they must not start meanwhile. */
  readonly #reserved = new Set<string>()

  constructor(options: VerbOptions) {
    this.#options = options
  }

  isReserved(id: string): boolean {
    return this.#reserved.has(id)
  }

  /**
   * Ends the task with resume data. Resolves to false where there can be none and it goes on. Rejects with a TransferError
   * where one that does not run yet cannot be written down.
   */
  async pause(id: string, otherwise: 'continue' | 'cancel'): Promise<boolean> {
    const running = this.#running(id)
    if (running) return running.stop('pause', otherwise)
    return this.#alone(id, async row => {
      const resumeData = await writeDown(row, this.#options.sessions).catch((error: unknown) => {
        if (otherwise === 'cancel') return undefined
        throw error
      })
      if (resumeData === undefined) await this.#cancelIdle(row)
      else this.#end(row, {state: 'paused', resumeData})
    })
  }

  /** Stops the task without an end (T12). Resolves to false where it would lose what it has, and goes on. */
  async hold(id: string, otherwise: 'continue' | 'cancel'): Promise<boolean> {
    const running = this.#running(id)
    if (running) return running.stop('hold', otherwise)
    return this.#alone(id, row => this.#move(row, 'held'))
  }

  /**
   * Lets a held task go on, and a service that rests. Throws BUSY for one that is not held and does not rest, NOT_RESUMABLE
   * for one that has ended.
   */
  release(id: string): void {
    const row = this.#options.journal.task(id)
    if (row?.state === 'held' && !this.#reserved.has(id)) {
      this.#move(row, 'waiting')
      this.#options.goOn()
      return
    }
    if (row?.state === 'waiting' && this.#options.goOn()) return
    const ended = row && isFinal(row.state)
    throw ended
      ? new TransferError('NOT_RESUMABLE', `Task ${id} has ended: it is ${row.state}`)
      : new TransferError('BUSY', `Task ${id} is not held: it runs, or will by itself`)
  }

  /** Ends the task for good; one that has ended and could go on is cancelled from then on, too. */
  async cancel(id: string): Promise<void> {
    const running = this.#running(id)
    if (running) return running.cancel()
    await this.#alone(id, row => this.#cancelIdle(row))
    const {journal, remains, telling} = this.#options
    const row = journal.task(id)
    if (!row || !isFinal(row.state) || row.resumeData === null) return
    if (existsSync(row.resumeData)) await remains.discard(row, row.resumeData)
    const {records} = this.#options
    const state = 'cancelled'
    const record = {...row.record, state, error: null, resumeData: null} as const
    // Its end was told already, and is told once.
    const change = {state, record, exitCode: records.exitCode({state}), resumeData: null} as const
    telling.change({id, session: row.session}, change, [])
  }

  /** What other tasks go on from now belongs to those (R28). */
  handOver(tasks: readonly SubmittedTask[]): void {
    const {journal, telling} = this.#options
    const taken = new Set(tasks.map(({work}) => (work.kind === 'continue' ? work.resumeData : undefined)))
    taken.delete(undefined)
    if (taken.size === 0) return
    for (const {id, session, resumeData} of journal.standings({which: 'continuable'})) {
      if (taken.has(resumeData ?? undefined)) telling.change({id, session}, {resumeData: null}, [])
    }
  }

  /** Ends tasks that do not run, because everything has to end; they keep their resume data (B13). */
  endAll(rows: readonly BackgroundTask[]): void {
    const error = new TransferError('CANCELLED', 'The background service was told to end all transfers')
    const ends = rows.map(row => {
      const resumeData = resumeDataOf(row)
      const outcome = {state: 'cancelled', error, ...(resumeData === undefined ? {} : {resumeData})} as const
      return {row, outcome, ...this.#endOf(row, outcome)}
    })
    const {telling, ended} = this.#options
    const updates = ends.map(({change, row, completed}) => {
      const event = {...completed, facts: {...completed.facts, reason: forced}}
      return {id: row.submitted.id, session: row.session, change, events: [event]}
    })
    const changed = telling.changeAll(updates)
    for (const [index, {row, outcome}] of ends.entries()) if (changed[index]) ended(row, outcome)
  }

  /** Ends a task that does not run any more, in the way it was found to have ended. */
  conclude(row: BackgroundTask, outcome: TaskOutcome): void {
    this.#end(row, outcome)
  }

  #running(id: string): RunningTask | undefined {
    return this.#options.running.get(id)
  }

  async #alone(id: string, act: (row: BackgroundTask) => Promise<void> | void): Promise<boolean> {
    const row = this.#options.journal.task(id)
    if (!row || isFinal(row.state) || this.#reserved.has(id)) return true
    this.#reserved.add(id)
    try {
      await act(row)
    } finally {
      this.#reserved.delete(id)
      this.#options.changed(row)
    }
    return true
  }

  async #cancelIdle(row: BackgroundTask): Promise<void> {
    await this.#options.remains.discardAll(row).catch((error: unknown) => {
      // What cannot be read is not what this task has left, or nobody can use it any more.
      if (!(error instanceof TransferError) || error.code !== 'RESUME_DATA_INVALID') throw error
    })
    const error = new TransferError('CANCELLED', 'The task was cancelled')
    this.#end(row, {state: 'cancelled', error})
  }

  #move(row: BackgroundTask, state: 'held' | 'waiting'): void {
    this.#options.telling.change({id: row.submitted.id, session: row.session}, {state}, [])
    this.#options.changed(row)
  }

  #end(row: BackgroundTask, outcome: TaskOutcome): void {
    const {telling, ended} = this.#options
    const {submitted, session} = row
    const {change, completed} = this.#endOf(row, outcome)
    if (telling.change({id: submitted.id, session}, change, [completed])) ended(row, outcome)
  }

  #endOf(row: BackgroundTask, outcome: TaskOutcome): {change: TaskChange; completed: JournalEvent} {
    const {records} = this.#options
    const change = {
      state: outcome.state,
      ended: Date.now(),
      record: records.ended(row.record, outcome),
      exitCode: records.exitCode(outcome),
      resumeData: outcome.resumeData ?? null,
      placing: null
    }
    return {change, completed: records.completed(row.submitted.id, outcome)}
  }
}
