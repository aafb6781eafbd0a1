import type {
  Checksum,
  ConfigurationKeys,
  DownloadOptions,
  HeaderField,
  TaskOptions,
  UploadOptions
} from '../../engine/index.ts'

/** Tasks that a background session takes over from a command: accepted means durable (B3). */
export interface Submission {
  /** The session's identifier (P1). */
  readonly session: string
  readonly snapshot: Snapshot
  readonly tasks: readonly SubmittedTask[]
}

/**
 * What the session was configured as when its tasks were made (B16). Secrets are in it by value, because the daemon has
 * neither the environment nor the terminal of whoever gave them; it is kept as long as a task needs it.
 */
export interface Snapshot {
  readonly keys: ConfigurationKeys
  /** Runs once for each batch that is done while nobody is attached (B14). */
  readonly onComplete: string | null
  /** Variables that commands of hooks and proxies are meant to see, from whoever submits; nothing else of theirs is. */
  readonly environment: Readonly<Record<string, string>>
  /** The time zone of whoever submits, such as Europe/Berlin: windows are hours of a day there. Absent: the daemon's. */
  readonly timeZone?: string
  /** What a new file may be, by the umask of whoever submits; absent = by that of the daemon. */
  readonly newFileMode?: number
}

/** One task as it is handed over and kept. Paths are absolute, URLs and options complete. */
export interface SubmittedTask {
  /** Made by whoever submits; the task keeps it for good. */
  readonly id: string
  readonly work: Work
  readonly label: string | null
  /** 0 to 1; higher starts first (P27). */
  readonly priority: number
  /** Not before this time, in milliseconds since the epoch (earliestBeginDate, P25); null = at once. */
  readonly earliestBegin: number | null
}

/** What has to be done. */
export type Work =
  | {readonly kind: 'download'; readonly request: StoredRequest; readonly options: StoredDownloadOptions}
  | {
      readonly kind: 'upload'
      readonly request: StoredRequest
      readonly source: StoredSource
      readonly options: StoredUploadOptions
    }
  /** An earlier task of any process goes on as this one (R27). */
  | {
      readonly kind: 'continue'
      readonly task: 'download' | 'upload'
      readonly resumeData: string
      /** As the resume data names it, secrets masked: for lists. */
      readonly url: string
      readonly restarting: 'allow' | 'refuse'
      /** Beside those of the resume data, which holds no secrets. */
      readonly headers?: readonly HeaderField[]
      readonly options: StoredTaskOptions
    }

export interface StoredRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly HeaderField[]
}

/** A file, and how it was when it was submitted: what has changed since is not sent (B8). */
export interface StoredSource {
  readonly path: string
  readonly lifetime: 'user' | 'task'
  readonly size: number
  readonly modified: number
  readonly device: number
  readonly inode: number
}

/** Options that can be written down: all but the functions. */
export type StoredTaskOptions = Omit<TaskOptions, 'sign' | 'id' | 'spent' | 'label' | 'priority'>
export type StoredDownloadOptions = Omit<DownloadOptions, 'sign' | 'id' | 'spent' | 'label' | 'priority'> & {
  readonly checksums?: readonly Checksum[]
}
export type StoredUploadOptions = Omit<
  UploadOptions,
  'sign' | 'id' | 'spent' | 'label' | 'priority' | 'collection'
> & {
  readonly collection?: string
}
