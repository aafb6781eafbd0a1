import type {Task, TaskKind, TaskState, TransferError, UploadSource} from '../engine/index.ts'
import {headerFields} from './header-fields.ts'
import {maskUrl} from './mask.ts'
import {movedBy} from './moved.ts'
import {printable} from './printable.ts'
import {shownAddress} from './shown-address.ts'
import {isDownloadTask, isUploadTask} from './task-kind.ts'

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
  /** The user's own word for it. */
  readonly label?: string | undefined
  /** Of an upload: the file, "-" for standard input; null for data and forms. */
  readonly source?: string | null | undefined
  /** Of an upload: the header fields of the answer, secrets masked. */
  readonly headers?: Readonly<Record<string, string>> | null | undefined
  /** While it waits to try again: why the attempt before failed. */
  readonly waitsAfter?: ErrorRecord | undefined
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
    finalUrl: shownAddress(task, (task.response?.url ?? task.currentRequest.url).href),
    state: publicState(task.state),
    status: task.response?.status ?? null,
    ...fileFacts(task),
    ...countFacts(task),
    durationMs: task.started === undefined ? null : Math.max(0, (task.ended ?? Date.now()) - task.started),
    error: task.result?.error ? errorRecord(task.result.error, context) : null,
    ...(task.options.label === undefined ? {} : {label: task.options.label}),
    ...uploadFacts(task),
    ...(task.waitsAfter ? {waitsAfter: errorRecord(task.waitsAfter, context)} : {})
  })
}

export function errorRecord(error: TransferError, context: RecordContext): ErrorRecord {
  return {code: error.code, message: printable(error.message), exitCode: context.exitCode(error)}
}

export function publicState(state: TaskState): PublicState {
  return state === 'canceling' ? 'running' : state
}

type FileFacts = Pick<TaskRecord, 'path' | 'resumedFrom' | 'restarted' | 'checksum' | 'resumeData'>

function fileFacts(task: Task): FileFacts {
  const download = isDownloadTask(task) ? task : undefined
  const resumable = download ?? (isUploadTask(task) ? task : undefined)
  return {
    path: task.result?.path ?? download?.path ?? null,
    resumedFrom: resumable?.resumedFrom ?? null,
    restarted: resumable?.restarted ?? false,
    checksum: download?.checksum ?? null,
    resumeData: task.result?.resumeData ?? resumable?.resumeData ?? null
  }
}

function countFacts(task: Task): Pick<TaskRecord, 'bytes' | 'total'> {
  const {bytes, expected} = movedBy(task)
  return {bytes, total: expected ?? null}
}

function uploadFacts(task: Task): Pick<TaskRecord, 'source' | 'headers'> {
  if (!isUploadTask(task)) return {}
  const {response} = task
  return {source: sourceOf(task.source), headers: response ? headerFields(task, response.headers) : null}
}

function sourceOf(source: UploadSource): string | null {
  if (source.kind === 'stream' || (source.kind === 'file' && source.lifetime === 'task')) return '-'
  return source.kind === 'file' ? source.path : null
}
