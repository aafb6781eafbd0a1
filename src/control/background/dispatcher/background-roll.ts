import {TransferError} from '../../../engine/index.ts'
import type {TaskOutcome} from '../../../engine/index.ts'
import type {ControllableTask, TaskRecord} from '../../task-record.ts'
import {listedTask} from '../../task-roll.ts'
import type {RolledTask} from '../../task-roll.ts'
import type {BackgroundState, TaskStanding} from '../background-task.ts'
import type {Ends} from './dispatcher-ends.ts'
import type {BackgroundRecords} from './dispatcher-records.ts'
import type {Starter} from './dispatcher-starter.ts'
import type {TaskVerbs} from './dispatcher-verbs.ts'
import type {JournalReader} from '../journal.ts'
import type {RunningTasks} from './running-tasks.ts'
import {actionsOf, isFinal, listedText, recordOf, standingNow} from '../task-standing.ts'
import type {Service} from '../task-standing.ts'

export interface BackgroundRollOptions {
  readonly journal: Pick<JournalReader, 'standing' | 'standings'>
  readonly running: RunningTasks
  readonly records: BackgroundRecords
  readonly verbs: TaskVerbs
  readonly ends: Ends
  readonly starter: Pick<Starter, 'opensAt'>
  readonly service: () => Service
}

const pageSize = 500
const queries = {active: 'unfinished', resumable: 'listed', all: 'all'} as const

/** The tasks of the journal by id, as the endpoint's verbs want them. */
export class BackgroundRoll {
  readonly #options: BackgroundRollOptions

  constructor(options: BackgroundRollOptions) {
    this.#options = options
  }

  find(id: string): RolledTask | undefined {
    const row = this.#options.journal.standing(id)
    return row && this.#rolled(row)
  }

  /** active: what has not ended. resumable: also what has ended and can be resumed, or has failed within a day. */
  list(which: 'active' | 'resumable' | 'all'): readonly RolledTask[] {
    const rows = this.#options.journal.standings({which: queries[which]})
    return standingNow(rows, which === 'all' ? 'all' : 'resumable').map(row => this.#rolled(row))
  }

  /** What list() has, as lists have it, in JSON and some at a time: of thousands, few are in memory at once. */
  *texts(which: 'active' | 'resumable' | 'all'): Generator<string, void, undefined> {
    for (let after = -1; ;) {
      const rows = this.#options.journal.standings({which: queries[which], page: {after, limit: pageSize}})
      const last = rows.at(-1)
      if (!last) return
      const shown = standingNow(rows, which === 'all' ? 'all' : 'resumable')
      if (shown.length > 0) yield shown.map(row => this.#text(row)).join(',')
      after = last.sequence
    }
  }

  #text(row: TaskStanding): string {
    const isRunning = this.#options.running.get(row.id) !== undefined
    if (isRunning) return JSON.stringify(listedTask(this.#rolled(row)))
    const pid = isFinal(row.state) ? null : process.pid
    return listedText(row, {pid, opens: this.#opensAt(row), service: this.#options.service()})
  }

  #opensAt({session, snapshot}: TaskStanding): number | undefined {
    return this.#options.starter.opensAt(session, snapshot)
  }

  #rolled(row: TaskStanding): RolledTask {
    const {records, running, service} = this.#options
    const ended = isFinal(row.state)
    return {
      task: new BackgroundControl(row, this.#options),
      ended,
      record: () => {
        const now = running.get(row.id)
        return now ? unended(records.running(now)) : recordOf(row, this.#opensAt(row))
      },
      end: () => (ended ? {record: recordOf(row), exitCode: row.exitCode ?? 0} : undefined),
      actions: () => actionsOf(row, service())
    }
  }
}

// An end is none before the journal has it: a disk may refuse that for hours.
function unended(record: TaskRecord): TaskRecord {
  return isFinal(record.state) ? {...record, state: 'running', error: null} : record
}

/** A task of the journal under the hands of the endpoint. */
class BackgroundControl implements ControllableTask {
  readonly id: string
  readonly created: number
  readonly options: {readonly label?: string}
  readonly #parts: BackgroundRollOptions

  constructor(row: TaskStanding, parts: BackgroundRollOptions) {
    const {id, label} = row
    this.id = id
    this.created = row.created
    this.options = label === null ? {} : {label}
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
      hint: `It goes on. To stop it anyway: ferry pause --hold --discard ${this.id}`
    })
  }

  release(): void {
    this.#parts.verbs.release(this.id)
  }

  get #state(): BackgroundState {
    return this.#parts.journal.standing(this.id)?.state ?? 'completed'
  }
}
