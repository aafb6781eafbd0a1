import {join} from 'node:path'
import {exitCodes, outcomeExitCode} from '../../../src/cli/exit-codes.ts'
import {Dispatcher} from '../../../src/control/background/dispatcher/dispatcher.ts'
import type {DispatcherOptions} from '../../../src/control/background/dispatcher/dispatcher.ts'
import type {Journal} from '../../../src/control/background/journal.ts'
import {openJournal} from '../../../src/control/background/journal/sqlite-journal.ts'
import type {Task} from '../../../src/engine/index.ts'
import {maskUrl} from '../../../src/ui/mask.ts'
import {printable} from '../../../src/ui/printable.ts'
import {recordWriter} from '../../../src/ui/task-record.ts'
import {wordEvents} from './word-events.ts'

const record = recordWriter({exitCode: error => exitCodes[error.code], sessionName: 'background'})

/** The journal of a state folder. */
export function openJournalIn(folder: string, report: (error: unknown) => void): Promise<Journal> {
  return openJournal({folder: join(folder, 'background'), report})
}

/** A dispatcher as the daemon has it, with the words of the command line. */
export function dispatcherFor(
  folder: string,
  own: Pick<DispatcherOptions, 'journal' | 'report'> & Partial<DispatcherOptions>
): Dispatcher {
  return new Dispatcher({
    eventsOf: wordEvents,
    records: {record: (task: Task) => record(task), exitCode: outcomeExitCode},
    shownUrl: maskUrl,
    shownText: printable,
    environmentOf: () => ({
      resumeDataKey: () => Buffer.alloc(32, 7),
      stores: {folder, report: own.report}
    }),
    runHook: async () => {},
    ...own
  })
}
