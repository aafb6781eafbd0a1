import type {TaskRecord} from '../task-record.ts'
import type {
  BackgroundTask,
  JournalEvent,
  NumberedEvent,
  TaskChange,
  TaskStanding
} from './background-task.ts'
import type {Snapshot, Submission} from './submission.ts'

/** How many tasks there are in each state. */
export type TaskCounts = Readonly<Record<BackgroundTask['state'], number>>

/** What of the tasks is wanted. unfinished: waiting, running and held. resumable: those, and what has resume data. */
export interface TaskQuery {
  /** listed: what can be resumed, and what has failed within a day. continuable: what has ended and has resume data. */
  readonly which: 'running' | 'continuable' | 'unfinished' | 'resumable' | 'listed' | 'all'
  readonly session?: string
  /** Only those behind this place in the order of submission, at most so many. */
  readonly page?: {readonly after: number; readonly limit: number}
}

/** Which of the waiting tasks are wanted. */
export interface StartableLook {
  readonly now: number
  readonly limit: number
  /** So many of the first ones are known, and passed by. Default: 0. */
  readonly skip?: number
  /** Configurations that do not let tasks run now, but such as wait, never started, since that time or longer. */
  readonly closed?: readonly {readonly snapshot: string; readonly since: number}[]
}

/** A session that the journal knows. */
export interface JournalledSession {
  readonly identifier: string
  /** invalidating: takes no new tasks until those it has are done (B12). */
  readonly state: 'valid' | 'invalidating'
  readonly tasks: TaskCounts
  /** Events that nobody has acknowledged. */
  readonly undelivered: number
}

/** Tasks that have ended, and the command that wants to hear of them (B14). */
export interface Batch {
  readonly onComplete: string
  /** As in the snapshot that the tasks came with, which is gone by now. */
  readonly environment: Readonly<Record<string, string>>
  readonly tasks: readonly BackgroundTask[]
}

/** What changes of one task, and what is told of that. */
export interface TaskUpdate {
  readonly id: string
  readonly change: TaskChange
  readonly events?: readonly JournalEvent[]
}

/** What is told of tasks that are submitted. */
export interface FirstTold {
  /** Of each task, in their order. */
  readonly records: readonly TaskRecord[]
  readonly events: readonly JournalEvent[]
}

/** What may be seen of the journal without changing it. */
export interface JournalReader {
  task(id: string): BackgroundTask | undefined
  /** As task(), with what lists need of it alone. */
  standing(id: string): TaskStanding | undefined
  /** In the order of submission. */
  tasks(query: TaskQuery): readonly BackgroundTask[]
  /** As tasks(), with what lists need of them alone: there may be thousands. */
  standings(query: TaskQuery): readonly TaskStanding[]
  counts(): TaskCounts
  sessions(): readonly JournalledSession[]
  close(): void
}

/**
 * The memory of the daemon (SQLite: WAL, synchronous FULL). What a method has returned from is on disk. Every change of a
 * task goes together with the events that tell of it, in one transaction: an end is told exactly once.
 * Its methods throw a TransferError: WRITE_FAILED or NO_SPACE where the disk refuses.
 */
export interface Journal extends JournalReader {
  /**
   * Takes all tasks or none, and tells of them. Throws BUSY while the session is being invalidated, USAGE for an id that is
   * known.
   */
  submit(submission: Submission, told: FirstTold): void

  /** Throws READ_FAILED for one that no task needs any more, or that damage to the file has taken. */
  snapshot(key: string): Snapshot
  /** Waiting tasks of one session in the order in which they start: priority, then submission. */
  startable(session: string, look: StartableLook): readonly BackgroundTask[]
  /** Does a task wait or run, of this session or of any? Costs the same for one and for thousands. */
  isPending(session?: string): boolean
  /** When the first task with this snapshot was submitted that was never started; undefined = there is none. */
  firstUnstarted(snapshot: string): number | undefined
  /** When the next task may begin that is not startable yet; undefined = there is none. */
  nextBegin(now: number): number | undefined

  /**
   * Changes a task and tells of it. A final state never changes: false, and nothing is written; but one that could go on is
   * cancelled together with its resume data. A change without a state holds for ended tasks too: their resume data may go.
   * An unknown id: false.
   */
  change(id: string, change: TaskChange, events?: readonly JournalEvent[]): boolean
  /** As change(), of many in one step: what came of each, in their order. */
  changeAll(updates: readonly TaskUpdate[]): readonly boolean[]
  /** Tells of a session, or of a task that does not change. */
  append(session: string, events: readonly JournalEvent[]): readonly NumberedEvent[]

  /** Events after one, oldest first, at most so many: undelivered ones first come first (R66). */
  events(session: string, facts: {readonly after: number; readonly limit: number}): readonly NumberedEvent[]
  /** The last event that was acknowledged; -1 = none. */
  acknowledged(session: string): number
  /** The token for what has been told up to here: the same for the same place (R67). */
  token(session: string, seq: number): string
  /**
   * Everything up to the token's place was delivered: it is forgotten, with the tasks that have ended and were told of in
   * it, but for the newest thousand ends of all. Twice is once (B11). Throws USAGE for a token that was never given out.
   */
  acknowledge(session: string, token: string): void

  isInvalidating(session: string): boolean
  /** From now on the session takes no new tasks. */
  invalidate(session: string): void
  /**
   * Its last task has ended, and that is told: the identifier can be used again (B12). Throws BUSY while one is unfinished.
   */
  endInvalidation(session: string, events: readonly JournalEvent[]): void

  /**
   * The ended tasks of a session that have not been in a batch, one batch for each command; those without a command are in
   * none. They count as told from here on, whatever happens to whoever took them (B14).
   */
  takeBatches(session: string): readonly Batch[]
}
