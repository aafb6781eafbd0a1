import type {SQLInputValue, SQLOutputValue} from 'node:sqlite'
import type {TaskRecord} from '../../task-record.ts'
import type {BackgroundState, BackgroundTask, TaskChange, TaskStanding} from '../background-task.ts'
import {unseal} from './journal-secrets.ts'
import {sumOf} from './journal-sum.ts'
import type {Row} from './journal-sum.ts'
import type {SubmittedTask, Work} from '../submission.ts'
import {isFinal, shownState} from '../task-standing.ts'

const fixedColumns = [
  'id',
  'session',
  'snapshot',
  'work',
  'label',
  'priority',
  'earliestBegin',
  'created'
] as const
/** Those that a change writes. */
export const changingColumns = [
  'hidden',
  'state',
  'ended',
  'spent',
  'attempts',
  'record',
  'exitCode',
  'resumeData',
  'placing',
  'sent',
  'told',
  'batch'
] as const
/** All but the sequence and the sum, in the order of the table. */
export const columns = [...fixedColumns, ...changingColumns]

export type TaskRow = Readonly<Record<(typeof columns)[number], SQLInputValue>>

/** A task that is new to the journal. */
export interface NewTask {
  readonly submitted: SubmittedTask
  /** As much of its work as may be seen. */
  readonly work: Work
  /** The key of its work as a whole, where that holds more. */
  readonly hidden: number | null
  readonly session: string
  readonly snapshot: number
  /** The key of the command that wants to hear of its end. */
  readonly batch: number | null
  readonly record: TaskRecord
}

export function newRow({submitted, work, record, ...place}: NewTask): TaskRow {
  const {id, label, priority, earliestBegin} = submitted
  return {
    ...place,
    ...{id, label, priority, earliestBegin, created: Date.now(), work: JSON.stringify(work)},
    ...{state: 'waiting', ended: null, spent: 0, attempts: 0, told: null},
    ...{record: JSON.stringify(record), exitCode: null, resumeData: null, placing: null, sent: 0}
  }
}

/** The row with a change in it; a task that has ended has no secrets. */
export function changedRow(row: TaskRow, {record, placing, sent, ...change}: TaskChange): TaskRow {
  const place = placing === undefined ? {} : {placing: textOf(placing)}
  const sending = sent === undefined ? {} : {sent: Number(sent)}
  const changed = {...row, ...change, ...place, ...sending}
  const standing = {...changed, record: recordText(record ?? recordOf(row), changed)}
  if (!isFinal(standing.state)) return {...standing, ended: null}
  return {...standing, ended: standing.ended ?? Date.now(), hidden: null}
}

// What lists tell is read as it is here.
function recordText(record: TaskRecord, {state, resumeData}: Pick<TaskRow, 'state' | 'resumeData'>): string {
  return JSON.stringify({...record, state: shownState(state as BackgroundState), resumeData})
}

/** The values for the columns, and the sum at the end. */
export function valuesOf(row: TaskRow, which: readonly (keyof TaskRow)[] = columns): SQLInputValue[] {
  return [...which.map(column => row[column]), sumOf(columns.map(column => row[column]))]
}

/** A task as it is in a row, with `secret` beside it: its work as a whole, or null. Throws SyntaxError for a damaged one. */
export function taskOf(row: Row): BackgroundTask {
  return {
    ...placeOf(row),
    submitted: submittedOf(row),
    spent: Number(row['spent']),
    attempts: Number(row['attempts']),
    record: recordOf(row),
    placing: parsed(row['placing']) as BackgroundTask['placing'],
    sent: row['sent'] === 1
  }
}

export const standingColumns = [
  'sequence',
  'id',
  'session',
  'snapshot',
  'label',
  'earliestBegin',
  'created',
  'ended',
  'state',
  'record',
  'exitCode',
  'resumeData'
] as const

export function standingOf(row: Row): TaskStanding {
  return {
    ...placeOf(row),
    id: String(row['id']),
    label: stringOf(row['label']),
    earliestBegin: numberOf(row['earliestBegin']),
    record: String(row['record'])
  }
}

// Where a task belongs, and how it stands there.
function placeOf(row: Row) {
  return {
    sequence: Number(row['sequence']),
    session: String(row['session']),
    snapshot: String(row['snapshot']),
    created: Number(row['created']),
    ended: numberOf(row['ended']),
    state: String(row['state']) as BackgroundState,
    exitCode: numberOf(row['exitCode']),
    resumeData: stringOf(row['resumeData'])
  }
}

function submittedOf(row: Row): SubmittedTask {
  const work = unseal(row['secret']) ?? String(row['work'])
  return {
    id: String(row['id']),
    work: JSON.parse(work) as Work,
    label: stringOf(row['label']),
    priority: Number(row['priority']),
    earliestBegin: numberOf(row['earliestBegin'])
  }
}

function recordOf(row: Row | TaskRow): TaskRecord {
  return JSON.parse(String(row['record'])) as TaskRecord
}

function textOf(value: object | null): string | null {
  return value && JSON.stringify(value)
}

function parsed(text: SQLOutputValue | undefined): unknown {
  return typeof text === 'string' ? JSON.parse(text) : null
}

function stringOf(value: SQLOutputValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function numberOf(value: SQLOutputValue | undefined): number | null {
  return typeof value === 'number' ? value : null
}
