import type {ResumeData, TaskOutcome} from '../engine/index.ts'
import {TransferError} from '../engine/index.ts'
import {isAlive} from './process-identity.ts'
import type {ProcessIdentity} from './process-identity.ts'
import type {ListedTask, TaskAction, TaskRecord} from './task-record.ts'

/** One task in the index on disk. Times are milliseconds since the epoch. */
export interface IndexEntry {
  readonly version: 1
  readonly record: TaskRecord
  /** Of a task that has ended. */
  readonly exitCode: number | null
  readonly label: string | null
  readonly created: number
  readonly ended: number | null
  /** The process that ran it. */
  readonly owner: ProcessIdentity
}

/** What else decides how an entry stands. */
export interface EntryCircumstances {
  /** here: its resume data can be used; gone: used, removed, or since taken over by a newer task. */
  readonly resumeData: 'here' | 'gone'
  readonly exitCode: (outcome: TaskOutcome) => number
}

/** The entry of a task that runs or was killed, with the counts of its last checkpoint. */
export function upToDate(entry: IndexEntry, data: ResumeData): IndexEntry {
  if (entry.ended !== null) return entry
  const {bytesReceived, total} =
    data.kind === 'download' ? data : {bytesReceived: data.prefix.length, total: data.source.size}
  return {...entry, record: {...entry.record, bytes: bytesReceived, total}}
}

/** How a task of the index stands now: a dead owner's running task has failed, and can be resumed. */
export function standing(entry: IndexEntry, circumstances: EntryCircumstances): IndexEntry {
  // Written down to wait: nobody has to be alive for that.
  if (entry.record.state === 'suspended') return entry
  if (entry.ended !== null || isAlive(entry.owner) !== 'gone') return entry
  const error = new TransferError('TRANSFER_TRUNCATED', 'The process that ran the transfer was killed', {
    hint: `Continue it with: ferry resume ${entry.record.id}`
  })
  const exitCode = circumstances.exitCode({state: 'failed', error})
  const failure = {code: error.code, message: error.message, exitCode}
  return {...entry, exitCode, record: {...entry.record, state: 'failed', error: failure}}
}

/** The entry as `tasks` shows it; expects it as it stands. */
export function listedEntry(entry: IndexEntry, circumstances: EntryCircumstances): ListedTask {
  const {record} = entry
  const resumeData = circumstances.resumeData === 'here' ? record.resumeData : null
  const running = entry.exitCode === null
  const liveness = running ? isAlive(entry.owner) : 'gone'
  return {
    ...record,
    resumeData,
    pid: liveness === 'alive' ? entry.owner.pid : null,
    actions: resumeData === null ? [] : actionsOf(liveness)
  }
}

// Of a task on another machine nobody here knows whether it runs; resuming asks the lock beside its file.
function actionsOf(liveness: 'alive' | 'gone' | 'unknown'): readonly TaskAction[] {
  if (liveness === 'alive') return ['pause', 'cancel']
  return liveness === 'gone' ? ['resume', 'cancel'] : ['resume']
}
