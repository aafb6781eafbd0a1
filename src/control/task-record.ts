import type {TaskKind, TaskOutcome, TaskState} from '../engine/index.ts'

/** One task as `--json` prints it. The URLs are masked by whoever makes the record. */
export interface TaskRecord {
  readonly id: string
  readonly kind: TaskKind
  readonly session: string
  readonly url: string
  readonly finalUrl: string
  readonly state: Exclude<TaskState, 'canceling'>
  readonly status: number | null
  readonly path: string | null
  readonly bytes: number
  readonly total: number | null
  readonly resumedFrom: number | null
  readonly restarted: boolean
  readonly checksum: string | null
  readonly durationMs: number | null
  readonly error: {readonly code: string; readonly message: string; readonly exitCode: number} | null
  readonly resumeData: string | null
  /** The user's own word for it. */
  readonly label?: string | undefined
  /** Of an upload: the file, "-" for standard input. */
  readonly source?: string | null | undefined
  /** Of one that waits for a time: that, as ISO 8601. */
  readonly earliestBegin?: string | undefined
  /** Of one that waits to try again: why the attempt before failed. */
  readonly waitsAfter?:
    {readonly code: string; readonly message: string; readonly exitCode: number} | undefined
}

export type TaskAction = 'pause' | 'resume' | 'cancel'

/** A record with what can be done to it now. */
export interface ListedTask extends TaskRecord {
  /** The process that runs it; null when none does. */
  readonly pid: number | null
  readonly actions: readonly TaskAction[]
}

/** How a task ended, for another process. */
export interface EndedTask {
  readonly record: TaskRecord
  readonly exitCode: number
}

/** What this room asks of a task; the engine's tasks have it. */
export interface ControllableTask {
  readonly id: string
  readonly created: number
  readonly hasEnded: boolean
  readonly outcome: Promise<TaskOutcome>
  /** Aborts when the task has been told to stop. */
  readonly stopSignal: AbortSignal
  readonly options: {readonly label?: string}
  /** Could it be paused now? */
  readonly isResumable?: boolean
  /** A promise: it has ended when that settles. */
  cancel(): void | Promise<void>
  /** Only downloads and uploads have it. */
  cancelByProducingResumeData?(otherwise?: 'continue' | 'cancel'): Promise<string | undefined>
  /** Stops it without an end (T12); rejects with NOT_RESUMABLE where it would lose what it has. Only of the daemon's tasks. */
  hold?(otherwise: 'continue' | 'cancel'): Promise<void>
  /** Lets it go on after that. Throws BUSY, NOT_RESUMABLE. */
  release?(): void
}

/** How the command line words a task and numbers its end. */
export interface TaskRecords<T extends ControllableTask> {
  record(task: T, outcome: TaskOutcome | undefined): TaskRecord
  exitCode(outcome: TaskOutcome): number
}
