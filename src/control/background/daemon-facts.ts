import type {TaskCounts} from './journal.ts'

/** What the daemon says of itself. Times are ISO 8601. */
export interface DaemonFacts {
  readonly pid: number
  /** Tells the process apart from a later one with the same number. */
  readonly startTime: string | null
  readonly version: string
  readonly started: string
  /** Since when it has had nothing to do; it leaves soon after. */
  readonly idleSince: string | null
  readonly tasks: TaskCounts
  /** Bytes of memory that it occupies. */
  readonly memory: number
  /** Paths. */
  readonly log: string
  readonly journal: string
  /** What keeps its process alive, as Node names it. */
  readonly resources: readonly string[]
}
