import {TransferError} from '../../engine/index.ts'
import type {TaskOutcome} from '../../engine/index.ts'
import type {ControllableTask, TaskAction, TaskRecord} from '../task-record.ts'
import type {RolledTask} from '../task-roll.ts'
import type {BackgroundState, BackgroundTask} from './background-task.ts'
import type {Ends} from './dispatcher-ends.ts'
import type {BackgroundRecords} from './dispatcher-records.ts'
import {isFinal} from './dispatcher-verbs.ts'
import type {TaskVerbs} from './dispatcher-verbs.ts'
import type {JournalReader} from './journal.ts'
import type {RunningTasks} from './running-tasks.ts'

export interface BackgroundRollOptions {
  readonly journal: Pick<JournalReader, 'task' | 'tasks'>
  readonly running: RunningTasks
  readonly records: BackgroundRecords
  readonly verbs: TaskVerbs
  readonly ends: Ends
}

const pageSize = 200
const queries = {active: 'unfinished', resumable: 'listed', all: 'all'} as const

/** The tasks of the journal by id, as the endpoint's verbs want them. */
export class BackgroundRoll {
  readonly #options: BackgroundRollOptions

  constructor(options: BackgroundRollOptions) {
    this.#options = options
  }

  find(id: string): RolledTask | undefined {
    const row = this.#options.journal.task(id)
    return row && this.#rolled(row)
  }

  /** active: what has not ended. resumable: also what has ended and can be resumed, or has failed within a day. */
  list(which: 'active' | 'resumable' | 'all'): readonly RolledTask[] {
    const rows = this.#options.journal.tasks({which: queries[which]})
    return rows.map(row => this.#rolled(row))
  }

  /** As list(), some at a time: of thousands, only those are in memory that are looked at. */
  *pages(which: 'active' | 'resumable' | 'all'): Generator<readonly RolledTask[], void, undefined> {
    for (let after = -1; ;) {
      const rows = this.#options.journal.tasks({which: queries[which], page: {after, limit: pageSize}})
      const last = rows.at(-1)
      if (!last) return
      yield rows.map(row => this.#rolled(row))
      after = last.sequence
    }
  }

  #rolled(row: BackgroundTask): RolledTask {
    const {records, running} = this.#options
    const {id} = row.submitted
    const ended = isFinal(row.state)
    return {
      task: new BackgroundControl(row, this.#options),
      ended,
      record: () => {
        const now = running.get(id)
        return now ? records.running(now) : {...records.of(row), ...beginOf(row)}
      },
      end: () => (ended ? {record: records.of(row), exitCode: row.exitCode ?? 0} : undefined),
      actions: () => actionsOf(row)
    }
  }
}

/** When a task that waits for a time may begin. */
export function beginOf({state, submitted}: BackgroundTask): Pick<TaskRecord, 'earliestBegin'> {
  const {earliestBegin} = submitted
  const isLater = state === 'waiting' && earliestBegin !== null && earliestBegin > Date.now()
  return isLater ? {earliestBegin: new Date(earliestBegin).toISOString()} : {}
}

/** What can be done to a task of the journal. */
export function actionsOf({state, resumeData}: BackgroundTask): readonly TaskAction[] {
  if (isFinal(state)) return resumeData === null ? [] : ['resume', 'cancel']
  return state === 'held' ? ['resume', 'pause', 'cancel'] : ['pause', 'cancel']
}

/** A task of the journal under the hands of the endpoint. */
class BackgroundControl implements ControllableTask {
  readonly id: string
  readonly created: number
  readonly options: {readonly label?: string}
  readonly #row: BackgroundTask
  readonly #parts: BackgroundRollOptions

  constructor(row: BackgroundTask, parts: BackgroundRollOptions) {
    const {id, label} = row.submitted
    this.id = id
    this.created = row.created
    this.options = label === null ? {} : {label}
    this.#row = row
    this.#parts = parts
  }

  get hasEnded(): boolean {
    return isFinal(this.#state)
  }

  get outcome(): Promise<TaskOutcome> {
    const state = this.#state
    return isFinal(state) ? Promise.resolve({state}) : this.#parts.ends.of(this.id)
  }

  get stopSignal(): AbortSignal {
    return this.#parts.running.get(this.id)?.task?.stopSignal ?? new AbortController().signal
  }

  get isResumable(): boolean {
    return this.#parts.running.get(this.id)?.task?.isResumable ?? true
  }

  cancel(): Promise<void> {
    return this.#parts.verbs.cancel(this.id)
  }

  async cancelByProducingResumeData(otherwise: 'continue' | 'cancel' = 'continue'): Promise<undefined> {
    await this.#parts.verbs.pause(this.id, otherwise)
  }

  async hold(otherwise: 'continue' | 'cancel'): Promise<void> {
    if (await this.#parts.verbs.hold(this.id, otherwise)) return
    throw new TransferError('NOT_RESUMABLE', `Task ${this.id} would lose what it has transferred`, {
      hint: `It goes on. To stop it anyway: ferry pause --hold --discard ${this.#row.submitted.id}`
    })
  }

  release(): void {
    this.#parts.verbs.release(this.id)
  }

  get #state(): BackgroundState {
    return this.#parts.journal.task(this.id)?.state ?? 'completed'
  }
}
