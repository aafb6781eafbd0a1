import {TransferError} from '../../engine/index.ts'
import type {ListedTask, TaskRecord} from '../task-record.ts'
import {backgroundFolder, journalPath} from './background-folder.ts'
import {actionsOf, beginOf} from './background-roll.ts'
import type {BackgroundTask} from './background-task.ts'
import {isFinal} from './dispatcher-verbs.ts'
import {openJournalReader} from './read-journal.ts'

/** A task of the journal that no daemon runs. */
export interface JournalledTask {
  readonly listed: ListedTask
  /** Of one that has ended; null while it may still run. */
  readonly exitCode: number | null
}

/** The tasks of the journal while no daemon can be asked: as BackgroundRoll lists them. A journal that cannot be read is named. */
export async function listJournalledTasks(
  stateFolder: string,
  {
    which,
    recordOf
  }: {
    readonly which: 'resumable' | 'all'
    readonly recordOf: (row: BackgroundTask) => TaskRecord
  }
): Promise<{readonly tasks: readonly JournalledTask[]; readonly unreadable: readonly string[]}> {
  try {
    const reader = await openJournalReader(backgroundFolder(stateFolder))
    try {
      const rows = reader?.tasks({which: which === 'all' ? 'all' : 'listed'}) ?? []
      return {tasks: rows.map(row => journalled(row, recordOf(row))), unreadable: []}
    } finally {
      reader?.close()
    }
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    return {tasks: [], unreadable: [journalPath(stateFolder)]}
  }
}

function journalled(row: BackgroundTask, record: TaskRecord): JournalledTask {
  // What ran when its daemon was killed goes on with the next one.
  const state = record.state === 'running' ? 'waiting' : record.state
  return {
    listed: {...record, ...beginOf(row), state, pid: null, actions: actionsOf(row)},
    exitCode: isFinal(row.state) ? (row.exitCode ?? 0) : null
  }
}
