import {exitCodes, outcomeExitCode} from '../../cli/exit-codes.ts'
import {resumeDataKey} from '../../control/resume-data-key.ts'
import type {DaemonOptions} from '../../control/background/daemon/daemon.ts'
import {Dispatcher} from '../../control/background/dispatcher/dispatcher.ts'
import {openJournal} from '../../control/background/journal/sqlite-journal.ts'
import type {Places} from '../../control/places.ts'
import type {Task} from '../../engine/index.ts'
import {maskUrl} from '../../ui/mask.ts'
import {printable} from '../../ui/printable.ts'
import {recordWriter} from '../../ui/task-record.ts'
import {eventWords} from './event-words.ts'
import {batchHook} from './run-batch-hook.ts'

/** Where the daemon's work happens, and whom it tells what goes wrong beside the transfers. */
export interface WorkPlace {
  readonly places: Pick<Places, 'state'>
  readonly say: (sentence: string) => void
}

/** What the daemon does: its journal, and the work that is in it. */
export function openWork({places, say}: WorkPlace): Pick<DaemonOptions, 'openJournal' | 'makeWork'> {
  const report = (error: unknown): void => say(error instanceof Error ? error.message : String(error))
  const record = recordWriter({exitCode: error => exitCodes[error.code], sessionName: 'background'})
  const key = resumeDataKey(places.state, report)
  return {
    openJournal: folder => openJournal({folder, report}),
    makeWork: ({journal, changed}) =>
      new Dispatcher({
        journal,
        changed,
        report,
        eventsOf: eventWords,
        records: {record: (task: Task) => record(task), exitCode: outcomeExitCode},
        shownUrl: maskUrl,
        shownText: printable,
        environmentOf: name => ({name, resumeDataKey: key, stores: {folder: places.state, report}}),
        runHook: batchHook(say)
      })
  }
}
