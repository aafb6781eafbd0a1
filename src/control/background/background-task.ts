import type {PlacedFile} from '../../engine/index.ts'
import type {TaskRecord} from '../task-record.ts'
import type {SubmittedTask} from './submission.ts'

/**
 * Where a task of the daemon is. waiting: it starts when there is room and time for it. held: stopped by a person without
 * ending, the same task goes on (T12). The last four are final (T14).
 */
export type BackgroundState = 'waiting' | 'running' | 'held' | 'paused' | 'completed' | 'failed' | 'cancelled'

/** One task as the journal has it. Times are milliseconds since the epoch. */
export interface BackgroundTask {
  /** Of one that has ended, what lists need: its work without headers, user information, query and secret options. */
  readonly submitted: SubmittedTask
  readonly session: string
  /** Key of its snapshot in the journal. */
  readonly snapshot: string
  /** The order of submission, over all sessions. */
  readonly sequence: number
  readonly state: BackgroundState
  readonly created: number
  readonly ended: number | null
  /** Milliseconds of timeouts.total that are used up. */
  readonly spent: number
  /** How often it was started: once, and once more after each end of a daemon. */
  readonly attempts: number
  /** As it was told last, and with the state and the resume data of now. */
  readonly record: TaskRecord
  readonly exitCode: number | null
  readonly resumeData: string | null
  /** The file that was about to get its name; after a crash its identity tells whether it got it. */
  readonly placing: PlacedFile | null
  /** Since it was started last, a server may have got something of an upload that must not be sent twice. */
  readonly sent: boolean
}

/** What lists tell of a task. */
export interface TaskStanding extends Pick<
  BackgroundTask,
  'sequence' | 'session' | 'snapshot' | 'state' | 'created' | 'ended' | 'exitCode' | 'resumeData'
> {
  readonly id: string
  readonly label: string | null
  readonly earliestBegin: number | null
  /** As JSON: of thousands, hardly one is looked into where it goes on to somebody else. */
  readonly record: string
}

/** What changes of a task, once it is known to the journal. */
export type TaskChange = Partial<
  Omit<BackgroundTask, 'submitted' | 'session' | 'snapshot' | 'sequence' | 'created'>
>

/** An event as `--events` prints it, before the journal has numbered it. */
export interface JournalEvent {
  readonly event: string
  readonly task: string | null
  /** ISO 8601. */
  readonly time: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** An event with its place in the order of its session: seq grows by one, from 0, and is never used again. */
export interface NumberedEvent extends JournalEvent {
  readonly seq: number
}
