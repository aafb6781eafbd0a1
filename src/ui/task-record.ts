import type {DownloadTask, Task, TaskKind, TaskState, TransferError} from '../engine/index.ts'
import {maskUrl} from './mask.ts'
import {printable} from './printable.ts'

/** An error as machines read it. */
export interface ErrorRecord {
  readonly code: string
  /** For a person; control characters are escaped. */
  readonly message: string
  readonly exitCode: number
}

/** One task as `--json` prints it; null stands for absence. Sizes are bytes. */
export interface TaskRecord {
  readonly id: string
  readonly kind: TaskKind
  readonly session: string
  /** As asked for, secrets masked. */
  readonly url: string
  /** Where the redirections led, secrets masked. */
  readonly finalUrl: string
  readonly state: PublicState
  /** The HTTP status. */
  readonly status: number | null
  readonly path: string | null
  readonly bytes: number
  readonly total: number | null
  readonly resumedFrom: number | null
  readonly restarted: boolean
  readonly checksum: string | null
  readonly durationMs: number | null
  readonly error: ErrorRecord | null
  /** Path of the resume data. */
  readonly resumeData: string | null
}

/** What scripts see of the engine's states: a task on its way to an end is still running. */
export type PublicState = Exclude<TaskState, 'canceling'>

/** What the command line knows and a task does not. */
export interface RecordContext {
  readonly exitCode: (error: TransferError) => number
  readonly sessionName: string
}

/** Makes records of tasks as they are now. */
export function recordWriter(context: RecordContext): (task: Task) => TaskRecord {
  return task => ({
    id: task.id,
    kind: task.kind,
    session: context.sessionName,
    url: maskUrl(task.originalRequest.url.href),
    finalUrl: maskUrl((task.response?.url ?? task.currentRequest.url).href),
    state: publicState(task.state),
    status: task.response?.status ?? null,
    ...fileFacts(task),
    bytes: task.kind === 'upload' ? task.countOfBytesSent : task.countOfBytesReceived,
    total: task.kind === 'upload' ? null : (task.countOfBytesExpectedToReceive ?? null),
    durationMs: task.started === undefined ? null : Math.max(0, (task.ended ?? Date.now()) - task.started),
    error: task.result?.error ? errorRecord(task.result.error, context) : null
  })
}

export function errorRecord(error: TransferError, context: RecordContext): ErrorRecord {
  return {code: error.code, message: printable(error.message), exitCode: context.exitCode(error)}
}

export function publicState(state: TaskState): PublicState {
  return state === 'canceling' ? 'running' : state
}

export function isDownloadTask(task: Task): task is DownloadTask {
  return task.kind === 'download'
}

type FileFacts = Pick<TaskRecord, 'path' | 'resumedFrom' | 'restarted' | 'checksum' | 'resumeData'>

function fileFacts(task: Task): FileFacts {
  const download = isDownloadTask(task) ? task : undefined
  return {
    path: task.result?.path ?? download?.path ?? null,
    resumedFrom: download?.resumedFrom ?? null,
    restarted: download?.restarted ?? false,
    checksum: download?.checksum ?? null,
    resumeData: task.result?.resumeData ?? download?.resumeData ?? null
  }
}
