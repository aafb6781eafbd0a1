import {readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {Journal} from '../../../src/control/background/journal.ts'
import {openJournal} from '../../../src/control/background/journal/sqlite-journal.ts'
import type {TransferError} from '../../../src/engine/index.ts'

export {downloadTask, eventOf, snapshot, submitTo} from './journal-task.ts'
export type {TaskFacts} from './journal-task.ts'

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

/** Everything that is in the files of a folder. */
export function bytesIn(folder: string): string {
  return readdirSync(folder)
    .map(name => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}
