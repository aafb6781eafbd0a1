import {existsSync} from 'node:fs'
import {discardResumeData, isPlacedFile, tidyPlacedFile} from '../../../engine/index.ts'
import type {PlacedFile, SessionEnvironment, TaskOutcome} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import type {Telling} from './dispatcher-events.ts'
import {eventOf} from './dispatcher-records.ts'
import type {BackgroundRecords} from './dispatcher-records.ts'
import type {Journal} from '../journal.ts'
import {findOwnResumeData} from './own-resume-data.ts'
import type {SentOnce} from './sent-once.ts'

export interface RecoveryOptions {
  readonly journal: Journal
  readonly telling: Telling
  readonly records: BackgroundRecords
  readonly environmentOf: (identifier: string) => SessionEnvironment
  readonly report: (error: unknown) => void
  readonly sentOnce: SentOnce
  /** Writes down how a task has ended. */
  readonly conclude: (row: BackgroundTask, outcome: TaskOutcome) => void
}

/**
 * Takes up what an earlier daemon left, whatever ended it: what ran waits to go on, a file that had got its name
 * without anybody knowing is finished, once, and what must not be sent twice has failed.
 */
export async function recover(options: RecoveryOptions): Promise<void> {
  for (const left of options.journal.tasks({which: 'running'})) {
    const row = await withResumeData(left, options.environmentOf(left.session))
    if (row.placing && isPlacedFile(row.placing)) await finish(row, {placed: row.placing, ...options})
    else if (await options.sentOnce.holds(row)) options.conclude(row, await options.sentOnce.end(row))
    else {
      const {resumeData} = row
      options.telling.change(named(row), {state: 'waiting', resumeData, placing: null}, [])
    }
  }
}

// What nobody knows of would stay behind when the task is cancelled before it begins again.
async function withResumeData(row: BackgroundTask, environment: SessionEnvironment): Promise<BackgroundTask> {
  if (row.resumeData !== null) return row
  const resumeData = (await findOwnResumeData(row, environment.resumeDataKey?.())) ?? null
  return {...row, resumeData}
}

async function finish(
  row: BackgroundTask,
  {placed, telling, records, environmentOf, report}: RecoveryOptions & {placed: PlacedFile}
): Promise<void> {
  const {path, size} = placed
  await tidy(row, placed, environmentOf(row.session)).catch(report)
  const outcome = {state: 'completed', path} as const
  const record = {...records.ended(row.record, outcome), path, bytes: size, total: size}
  const {id} = row.submitted
  const events = [eventOf('task.finished', id, {path}), records.completed(id, outcome)]
  const exitCode = records.exitCode(outcome)
  const change = {
    state: 'completed',
    ended: Date.now(),
    record,
    exitCode,
    resumeData: null,
    placing: null
  } as const
  telling.change(named(row), change, events)
}

async function tidy(row: BackgroundTask, placed: PlacedFile, environment: SessionEnvironment): Promise<void> {
  // First: resume data of what somebody is at work on stays.
  await tidyPlacedFile(placed)
  if (row.resumeData !== null && existsSync(row.resumeData))
    await discardResumeData(row.resumeData, environment.resumeDataKey?.())
}

function named({submitted: {id}, session}: BackgroundTask): {id: string; session: string} {
  return {id, session}
}
