import type {TaskOutcome} from '../../engine/index.ts'
import type {TaskAction, TaskRecord} from '../task-record.ts'
import type {BackgroundState, TaskStanding} from './background-task.ts'

const finals: ReadonlySet<unknown> = new Set(['paused', 'completed', 'failed', 'cancelled'])

/** Has a task of that state ended? */
export function isFinal(state: unknown): state is TaskOutcome['state'] {
  return finals.has(state)
}

/** How records name the state of a task. */
export function shownState(state: BackgroundState): TaskRecord['state'] {
  return state === 'held' ? 'suspended' : state
}

/** The record of a task that does not run. */
export function recordOf(row: TaskStanding): TaskRecord {
  return {...(JSON.parse(row.record) as TaskRecord), ...beginOf(row)}
}

/** The task as lists have it, where it does not run, in JSON. */
export function listedText(row: TaskStanding, pid: number | null): string {
  const others = {...beginOf(row), pid, actions: actionsOf(row)}
  return `${row.record.slice(0, -1)},${JSON.stringify(others).slice(1)}`
}

/** What can be done to a task of the journal. */
export function actionsOf({state, resumeData}: TaskStanding): readonly TaskAction[] {
  if (isFinal(state)) return resumeData === null ? [] : ['resume', 'cancel']
  return state === 'held' ? ['resume', 'pause', 'cancel'] : ['pause', 'cancel']
}

// Of a task that waits for a time.
function beginOf({state, earliestBegin}: TaskStanding): Pick<TaskRecord, 'earliestBegin'> {
  const isLater = state === 'waiting' && earliestBegin !== null && earliestBegin > Date.now()
  return isLater ? {earliestBegin: new Date(earliestBegin).toISOString()} : {}
}
