import {existsSync} from 'node:fs'
import type {TaskOutcome} from '../../engine/index.ts'
import type {TaskAction, TaskRecord} from '../task-record.ts'
import type {BackgroundState, TaskStanding} from './background-task.ts'

const day = 86_400_000
const finals: ReadonlySet<unknown> = new Set(['paused', 'completed', 'failed', 'cancelled'])

/** Has a task of that state ended? */
export function isFinal(state: unknown): state is TaskOutcome['state'] {
  return finals.has(state)
}

/**
 * The tasks as they stand now: nobody can go on from what was removed after the end. resumable: without those
 * where that is so, but for what has failed within a day.
 */
export function standingNow(
  rows: readonly TaskStanding[],
  which: 'resumable' | 'all'
): readonly TaskStanding[] {
  return rows.flatMap(row => {
    if (row.resumeData === null || !isFinal(row.state) || existsSync(row.resumeData)) return [row]
    const isNews = row.state === 'failed' && (row.ended ?? 0) > Date.now() - day
    if (which === 'resumable' && !isNews) return []
    const record = JSON.stringify({...(JSON.parse(row.record) as TaskRecord), resumeData: null})
    return [{...row, record, resumeData: null}]
  })
}

/** How records name the state of a task. */
export function shownState(state: BackgroundState): TaskRecord['state'] {
  return state === 'held' ? 'suspended' : state
}

/** The record of a task that does not run; opens: when its window does, in milliseconds since the epoch. */
export function recordOf(row: TaskStanding, opens?: number): TaskRecord {
  return {...(JSON.parse(row.record) as TaskRecord), ...beginOf(row, opens)}
}

/** Who has a task that does not run, and when its window opens, in milliseconds since the epoch. */
export interface StandingFacts {
  readonly pid: number | null
  readonly opens?: number | undefined
  readonly service: Service
}

/** rests: a person has stopped it, and nothing starts before somebody adds a task or resumes one. */
export type Service = 'goes' | 'rests'

/** The task as lists have it, where it does not run, in JSON. */
export function listedText(row: TaskStanding, {pid, opens, service}: StandingFacts): string {
  const others = {...beginOf(row, opens), pid, actions: actionsOf(row, service)}
  return `${row.record.slice(0, -1)},${JSON.stringify(others).slice(1)}`
}

/** What can be done to a task of the journal. What stands still without an end can be resumed, held itself or with the service. */
export function actionsOf({state, resumeData}: TaskStanding, service: Service): readonly TaskAction[] {
  if (isFinal(state)) return resumeData === null ? [] : ['resume', 'cancel']
  const standsStill = state === 'held' || service === 'rests'
  return standsStill ? ['resume', 'pause', 'cancel'] : ['pause', 'cancel']
}

// Of a task that waits for a time.
function beginOf({state, earliestBegin}: TaskStanding, opens = 0): Pick<TaskRecord, 'earliestBegin'> {
  const begin = Math.max(earliestBegin ?? 0, opens)
  return state === 'waiting' && begin > Date.now() ? {earliestBegin: new Date(begin).toISOString()} : {}
}
