import {stat} from 'node:fs/promises'
import {noFileToKeep} from '../../cli/background-words.ts'
import {unreadable} from '../../cli/why-unreadable.ts'
import type {StoredSource, SubmittedTask, Work} from '../../control/background/submission.ts'
import {DownloadTask, UploadTask} from '../../engine/index.ts'
import type {HeaderField, TaskOptions, URLRequest} from '../../engine/index.ts'
import {maskUrl} from '../../ui/mask.ts'

/** What a task continues, when it does. */
export interface Continuation {
  readonly resumeData: string
  readonly restarting: 'allow' | 'refuse'
  /** Given beside those that the resume data has. */
  readonly headers: readonly HeaderField[]
}

export interface Storing {
  /** Milliseconds since the epoch; null = at once. */
  readonly earliestBegin: number | null
  readonly continuation?: Continuation | undefined
}

const usualPriority = 0.5

/**
 * A task that has not started, as another process can begin it. Rejects with USAGE for an upload of what is no file, with
 * READ_FAILED for one of a file that is not there.
 */
export async function storedTask(task: DownloadTask | UploadTask, storing: Storing): Promise<SubmittedTask> {
  const {label, priority} = task.options
  return {
    id: task.id,
    work: storing.continuation ? continuing(task, storing.continuation) : await workOf(task),
    label: label ?? null,
    priority: priority ?? usualPriority,
    earliestBegin: storing.earliestBegin
  }
}

async function workOf(task: DownloadTask | UploadTask): Promise<Work> {
  const request = storedRequest(task.originalRequest)
  if (task instanceof DownloadTask) return {kind: 'download', request, options: writable(task.options)}
  const {collection, ...options} = writable(task.options)
  return {
    kind: 'upload',
    request,
    source: await storedSource(task),
    options: {...options, ...(collection && {collection: collection.href})}
  }
}

function continuing(
  task: DownloadTask | UploadTask,
  {resumeData, restarting, headers}: Continuation
): Extract<Work, {kind: 'continue'}> {
  const {httpErrors, authentication, credentials, certificate} = task.options
  return {
    kind: 'continue',
    task: task.kind,
    resumeData,
    url: maskUrl(task.originalRequest.url.href),
    restarting,
    ...(headers.length > 0 && {headers}),
    options: {
      ...(httpErrors && {httpErrors}),
      ...(authentication && {authentication}),
      ...(credentials && {credentials}),
      ...(certificate && {certificate})
    }
  }
}

function storedRequest({url, method, headers}: URLRequest): {
  url: string
  method: string
  headers: readonly HeaderField[]
} {
  return {url: url.href, method, headers}
}

function writable<T extends TaskOptions>(
  options: T
): Omit<T, 'sign' | 'id' | 'spent' | 'label' | 'priority'> {
  const {sign: _sign, id: _id, spent: _spent, label: _label, priority: _priority, ...stored} = options
  return stored
}

async function storedSource({source}: UploadTask): Promise<StoredSource> {
  if (source.kind !== 'file') throw noFileToKeep('What is sent')
  const {path, lifetime = 'user'} = source
  const facts = await stat(path).catch(unreadable(path))
  if (!facts.isFile()) throw noFileToKeep(path)
  return {
    path,
    lifetime,
    size: facts.size,
    modified: facts.mtimeMs,
    device: facts.dev,
    inode: facts.ino
  }
}
