import type {JournalledTask} from './background/journal/journalled-tasks.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import type {Endpoints} from './endpoints.ts'
import {listedTasks} from './listed-tasks.ts'
import type {IndexedTask, TaskIndex} from './task-index.ts'
import type {EndedTask, ListedTask, TaskRecord} from './task-record.ts'

/** A task, and who knows of it. */
export interface Found {
  readonly listed: ListedTask
  /** Whose it is: a command's, or the daemon's. */
  readonly keeper: 'command' | 'daemon'
  /** Where it can be asked about; absent when only disk knows it. */
  readonly address?: EndpointAddress
  /** Of one that has ended, as far as that is known without asking. */
  readonly exitCode: number | null
}

export interface Survey {
  readonly found: readonly Found[]
  /** Files that could not be understood. */
  readonly unreadable: readonly string[]
  /** Processes that are there and do not answer. */
  readonly silent: readonly number[]
}

export interface SurveyPlaces {
  readonly endpoints: Endpoints
  readonly index: TaskIndex
  /** The tasks of the daemon while none can be asked; absent where there are no background sessions. */
  readonly journalled?: (
    which: 'resumable' | 'all'
  ) => Promise<{readonly tasks: readonly JournalledTask[]; readonly unreadable: readonly string[]}>
}

const patience = 2_000

/** All tasks of this user: running processes first, then the journal of the daemon, then the index; each task once. */
export async function survey(which: 'resumable' | 'all', places: SurveyPlaces): Promise<Survey> {
  const answers = await places.endpoints.askAll({
    method: 'GET',
    path: `/tasks?${which}`,
    signal: AbortSignal.timeout(patience)
  })
  const live: Found[] = []
  const silent: number[] = []
  let isDaemonThere = false
  for (const {address, reply} of answers) {
    const answer = reply.kind === 'answered' && reply.status === 200 ? listedTasks(reply.body) : undefined
    if (!answer) {
      silent.push(address.pid)
      continue
    }
    const keeper = answer.keeper === 'daemon' ? 'daemon' : 'command'
    isDaemonThere ||= keeper === 'daemon'
    for (const listed of answer.tasks) live.push({address, listed, keeper, exitCode: null})
  }
  // Read after the processes have answered: what ends in between is found in one place or the other.
  const kept = isDaemonThere ? undefined : await places.journalled?.(which)
  const indexed = await places.index.list(which)
  const known = withoutTaken(
    [...live, ...(kept?.tasks ?? []).map(task => ({...task, keeper: 'daemon'}) as const)],
    {which, tasks: indexed.tasks}
  )
  return {
    found: [...known, ...notIn(known, indexed.tasks)],
    unreadable: [...(kept?.unreadable ?? []), ...indexed.unreadable],
    silent
  }
}

/** How the task has ended; undefined while nobody knows. */
export function endOf({listed, exitCode}: Found): EndedTask | undefined {
  return exitCode === null ? undefined : {record: recordOf(listed), exitCode}
}

// What the daemon has paused may have gone on in a command, which keeps the same resume data under a later id.
function withoutTaken(
  known: readonly Found[],
  {which, tasks}: {readonly which: 'resumable' | 'all'; readonly tasks: readonly IndexedTask[]}
): Found[] {
  const latest = new Map(tasks.map(({listed}) => [listed.resumeData, listed.id]))
  latest.delete(null)
  const isTaken = ({keeper, listed}: Found): boolean =>
    keeper === 'daemon' &&
    (listed.state === 'paused' || listed.state === 'failed') &&
    (latest.get(listed.resumeData) ?? '') > listed.id
  if (which === 'resumable') return known.filter(found => !isTaken(found))
  return known.map(found =>
    isTaken(found) ? {...found, listed: {...found.listed, resumeData: null, actions: []}} : found
  )
}

// A task that goes on from another's resume data took it over: the one before is not listed beside it.
function notIn(known: readonly Found[], tasks: readonly IndexedTask[]): Found[] {
  const ids = new Set(known.map(({listed}) => listed.id))
  const taken = new Set(known.map(({listed}) => listed.resumeData).filter(path => path !== null))
  return tasks
    .filter(({listed}) => !ids.has(listed.id) && !taken.has(listed.resumeData ?? ''))
    .map(({listed, exitCode}) => ({listed, exitCode, keeper: 'command'}))
}

function recordOf({pid: _pid, actions: _actions, ...record}: ListedTask): TaskRecord {
  return record
}
