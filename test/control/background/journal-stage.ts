import {randomBytes} from 'node:crypto'
import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {JournalEvent} from '../../../src/control/background/background-task.ts'
import type {Journal} from '../../../src/control/background/journal.ts'
import {openJournal} from '../../../src/control/background/sqlite-journal.ts'
import type {Snapshot, StoredRequest, SubmittedTask} from '../../../src/control/background/submission.ts'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {TransferError} from '../../../src/engine/index.ts'

export interface OpenedJournal {
  readonly journal: Journal
  readonly reports: readonly TransferError[]
}

/** A journal that is closed when its test ends. */
export async function openedJournal(folder: string): Promise<OpenedJournal> {
  const reports: TransferError[] = []
  const journal = await openJournal({folder, report: error => reports.push(error)})
  onTestFinished(() => journal.close())
  return {journal, reports}
}

export const snapshot: Snapshot = {
  keys: SessionConfiguration.default().keys,
  onComplete: null,
  environment: {}
}

export interface TaskFacts extends Partial<Omit<SubmittedTask, 'work'>> {
  readonly request?: Partial<StoredRequest>
}

/** A download that nobody will run. */
export function downloadTask({request, ...facts}: TaskFacts = {}): SubmittedTask {
  return {
    id: `t${randomBytes(8).toString('hex')}`,
    label: null,
    priority: 0.5,
    earliestBegin: null,
    work: {
      kind: 'download',
      request: {url: 'http://127.0.0.1/file', method: 'GET', headers: [], ...request},
      options: {directory: '/tmp', fileName: 'file'}
    },
    ...facts
  }
}

/** An event of a task, or without one, of its session. */
export function eventOf(event: string, task: string | null = null): JournalEvent {
  return {event, task, time: new Date().toISOString(), facts: {}}
}

/** Everything that is in the files of a folder. */
export function bytesIn(folder: string): string {
  return readdirSync(folder)
    .map(name => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}
