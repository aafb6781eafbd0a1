import {join} from 'node:path'
import type {Task, TaskOutcome, TransferError} from '../../../engine/index.ts'
import type {TaskRecord, TaskRecords} from '../../task-record.ts'
import type {JournalEvent} from '../background-task.ts'
import type {FirstTold} from '../journal.ts'
import type {RunningTask} from './running-task.ts'
import type {Submission, SubmittedTask, Work} from '../submission.ts'

export interface RecordWords {
  readonly records: TaskRecords<Task>
  /** An address for people and lists, secrets masked. */
  readonly shownUrl: (url: string) => string
  /** A text for people, control characters escaped. */
  readonly shownText: (text: string) => string
}

/** Records of the journal's tasks, whether an engine's task stands behind them or not. */
export class BackgroundRecords {
  readonly #words: RecordWords

  constructor(words: RecordWords) {
    this.#words = words
  }

  exitCode(outcome: TaskOutcome): number {
    return this.#words.records.exitCode(outcome)
  }

  /** Of one that runs, as it is now. */
  running({row, task, resumeData}: RunningTask): TaskRecord {
    if (!task) return {...row.record, state: 'running'}
    const record = this.#words.records.record(task, undefined)
    const path = record.path ?? pathOf(row.submitted.work)
    return {...record, session: row.session, path, resumeData}
  }

  /** As it has ended. */
  ended(record: TaskRecord, outcome: TaskOutcome): TaskRecord {
    const {state, resumeData, error} = outcome
    // What a record says of this error already is said in its words.
    const known = record.error?.code === error?.code ? record.error : undefined
    const told = known ?? (error ? this.error(error) : null)
    return {...record, state, resumeData: resumeData ?? null, error: told, waitsAfter: undefined}
  }

  /** As it will go on: what has stopped it is no end. */
  setAside(record: TaskRecord, {waitsFor}: {waitsFor: 'somebody' | 'space'}): TaskRecord {
    const waitsAfter = waitsFor === 'space' ? (record.error ?? undefined) : undefined
    return {...record, error: null, waitsAfter}
  }

  error(error: TransferError): NonNullable<TaskRecord['error']> {
    const {code, message} = error
    return {code, message: this.#words.shownText(message), exitCode: this.exitCode({state: 'failed', error})}
  }

  /** Tells that tasks are submitted. */
  firstTold({session, tasks}: Submission): FirstTold {
    return {
      records: tasks.map(submitted => this.#fresh(submitted, session)),
      events: tasks.map(submitted => this.#created(submitted))
    }
  }

  /** Tells how a task has ended that no engine's task tells of. */
  completed(id: string, {state, error, resumeData}: TaskOutcome): JournalEvent {
    const failure = error ? this.error(error) : null
    return eventOf('task.completed', id, {
      state,
      error: failure,
      response: null,
      resumeData: resumeData ?? null
    })
  }

  #created({id, work}: SubmittedTask): JournalEvent {
    return eventOf('task.created', id, {kind: kindOf(work), url: this.#urlOf(work)})
  }

  #fresh({id, label, work}: SubmittedTask, session: string): TaskRecord {
    const url = this.#urlOf(work)
    return {
      id,
      kind: kindOf(work),
      session,
      url,
      finalUrl: url,
      state: 'waiting',
      status: null,
      path: pathOf(work),
      bytes: 0,
      total: work.kind === 'upload' ? work.source.size : null,
      resumedFrom: null,
      restarted: false,
      checksum: null,
      durationMs: null,
      error: null,
      resumeData: null,
      ...(label === null ? {} : {label}),
      ...(work.kind === 'upload' ? {source: work.source.lifetime === 'task' ? '-' : work.source.path} : {})
    }
  }

  #urlOf(work: Work): string {
    return work.kind === 'continue' ? work.url : this.#words.shownUrl(work.request.url)
  }
}

/** What an event is before the journal has it. */
export function eventOf(event: string, task: string | null, facts: JournalEvent['facts']): JournalEvent {
  return {event, task, time: new Date().toISOString(), facts}
}

export function kindOf(work: Work): 'download' | 'upload' {
  return work.kind === 'continue' ? work.task : work.kind
}

const resumeDataEnding = /\.ferry$/

// Resume data lies beside its file, and is called after it.
function pathOf(work: Work): string | null {
  if (work.kind === 'continue' && work.task === 'download')
    return resumeDataEnding.test(work.resumeData) ? work.resumeData.replace(resumeDataEnding, '') : null
  if (work.kind !== 'download' || work.options.fileName === undefined) return null
  return join(work.options.directory, work.options.fileName)
}
