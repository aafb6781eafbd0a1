import type {Task, TaskOutcome} from '../engine/index.ts'
import type {
  ControllableTask,
  EndedTask,
  ListedTask,
  TaskAction,
  TaskRecord,
  TaskRecords
} from './task-record.ts'

/** One task of this process. */
export interface RolledTask {
  readonly task: ControllableTask
  readonly ended: boolean
  record(): TaskRecord
  /** What can be done to it; absent: what its record tells. */
  actions?(): readonly TaskAction[]
  /** How it ended, once it has. */
  end(): EndedTask | undefined
}

interface Entry<T> {
  readonly task: T
  outcome: TaskOutcome | undefined
}

// How many ended tasks can still be asked about; a list of a million files must not stay in memory.
const rememberedEnds = 1000

/** The tasks of this process by id: those under way, and how the newest ended ones ended. */
export class TaskRoll<T extends ControllableTask = Task> {
  readonly #records: TaskRecords<T>
  readonly #entries = new Map<string, Entry<T>>()
  readonly #endedIds = new Set<string>()

  constructor(records: TaskRecords<T>) {
    this.#records = records
  }

  /** From now on the task is found, and its end is remembered for a while. */
  add(task: T): void {
    const entry: Entry<T> = {task, outcome: undefined}
    this.#entries.set(task.id, entry)
    void task.outcome.then(outcome => {
      entry.outcome = outcome
      this.#rememberEnd(task.id)
    })
  }

  find(id: string): RolledTask | undefined {
    const entry = this.#entries.get(id)
    return entry && this.#rolled(entry)
  }

  /** Tasks under way; all: the ended ones too. What has ended and can be resumed is in the index. */
  list(which: 'active' | 'resumable' | 'all'): readonly RolledTask[] {
    const entries = [...this.#entries.values()]
    return entries
      .filter(entry => which === 'all' || entry.outcome === undefined)
      .map(entry => this.#rolled(entry))
  }

  #rolled({task, outcome}: Entry<T>): RolledTask {
    const record = (): TaskRecord => this.#records.record(task, outcome)
    const end = (): EndedTask | undefined =>
      outcome && {record: record(), exitCode: this.#records.exitCode(outcome)}
    return {task, ended: outcome !== undefined, record, end}
  }

  #rememberEnd(id: string): void {
    this.#endedIds.add(id)
    if (this.#endedIds.size <= rememberedEnds) return
    const [oldest] = this.#endedIds
    if (oldest === undefined) return
    this.#endedIds.delete(oldest)
    this.#entries.delete(oldest)
  }
}

/** The record of a task of this process, with its process and what can be done to it. */
export function listedTask(rolled: RolledTask): ListedTask {
  const record = rolled.record()
  if (rolled.actions) return {...record, pid: rolled.ended ? null : process.pid, actions: rolled.actions()}
  if (rolled.ended) return {...record, pid: null, actions: record.resumeData ? ['resume', 'cancel'] : []}
  return {...record, pid: process.pid, actions: isPausable(rolled, record) ? ['pause', 'cancel'] : ['cancel']}
}

// Whether a download can be resumed is known with its answer, within moments; most uploads never can.
function isPausable({task}: RolledTask, {kind}: TaskRecord): boolean {
  return kind === 'upload' ? task.isResumable === true : task.cancelByProducingResumeData !== undefined
}
