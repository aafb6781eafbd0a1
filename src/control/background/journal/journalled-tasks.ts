import {TransferError} from '../../../engine/index.ts'
import type {ListedTask} from '../../task-record.ts'
import {backgroundFolder, journalPath} from '../background-folder.ts'
import type {TaskStanding} from '../background-task.ts'
import {openJournalReader} from './read-journal.ts'
import {actionsOf, isFinal, recordOf, standingNow} from '../task-standing.ts'
import type {Service} from '../task-standing.ts'
import {readMark} from '../unfinished-mark.ts'

/** A task of the journal that no daemon runs. */
export interface JournalledTask {
  readonly listed: ListedTask
  /** Of one that has ended; null while it may still run. */
  readonly exitCode: number | null
}

/** The tasks of the journal while no daemon can be asked: as BackgroundRoll lists them. A journal that cannot be read is named. */
export async function listJournalledTasks(
  stateFolder: string,
  which: 'resumable' | 'all'
): Promise<{readonly tasks: readonly JournalledTask[]; readonly unreadable: readonly string[]}> {
  try {
    const reader = await openJournalReader(backgroundFolder(stateFolder))
    try {
      const service = readMark(stateFolder) === 'stopped' ? 'rests' : 'goes'
      const rows = reader?.standings({which: which === 'all' ? 'all' : 'listed'}) ?? []
      return {tasks: standingNow(rows, which).map(row => journalled(row, service)), unreadable: []}
    } finally {
      reader?.close()
    }
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    return {tasks: [], unreadable: [journalPath(stateFolder)]}
  }
}

function journalled(row: TaskStanding, service: Service): JournalledTask {
  const record = recordOf(row)
  // What ran when its daemon was killed goes on with the next one.
  const state = record.state === 'running' ? 'waiting' : record.state
  return {
    listed: {...record, state, pid: null, actions: actionsOf(row, service)},
    exitCode: isFinal(row.state) ? (row.exitCode ?? 0) : null
  }
}
