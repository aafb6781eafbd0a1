import {existsSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import {TransferError, urlRequest} from '../../../engine/index.ts'
import type {DownloadTask, Session, UploadTask} from '../../../engine/index.ts'
import type {BackgroundTask} from '../background-task.ts'
import type {StoredSource, Work} from '../submission.ts'

type Continuation = Extract<Work, {kind: 'continue'}>

/** The engine's task for one of the journal, not started. Rejects with a TransferError, which is the task's end. */
export async function makeTask(session: Session, row: BackgroundTask): Promise<DownloadTask | UploadTask> {
  const {id, work, label, priority} = row.submitted
  const own = {id, priority, spent: row.spent, ...(label === null ? {} : {label})}
  if (work.kind === 'continue') return continued(session, {row, work, own})
  const {url, method, headers} = work.request
  const request = urlRequest(url, {method, headers})
  if (work.kind === 'download') return session.downloadTask(request, {...work.options, ...own})
  await assertSameSource(work.source)
  const {path, lifetime} = work.source
  const {collection, ...options} = work.options
  return session.uploadTask(request, {
    source: {kind: 'file', path, lifetime},
    ...options,
    ...(collection === undefined ? {} : {collection: new URL(collection)}),
    ...own
  })
}

interface Continuing {
  readonly row: BackgroundTask
  readonly work: Continuation
  readonly own: {readonly id: string; readonly priority: number; readonly spent: number}
}

function continued(session: Session, {row, work, own}: Continuing): Promise<DownloadTask | UploadTask> {
  const path = resumeDataOf(row) ?? work.resumeData
  const whenLost = work.restarting === 'allow' ? 'restart' : 'refuse'
  const {headers = []} = work
  const options = {...work.options, ...own}
  return work.task === 'download'
    ? session.downloadTaskWithResumeData(path, {whenLost, headers, options})
    : session.uploadTaskWithResumeData(path, {whenLost, headers, options})
}

/** What there is to go on from: what the task has written itself, else what it was to continue; undefined = nothing. */
export function resumeDataOf({submitted: {work}, resumeData}: BackgroundTask): string | undefined {
  const places = [resumeData, work.kind === 'continue' ? work.resumeData : null]
  return places.find(place => place !== null && existsSync(place)) ?? undefined
}

/** Rejects with READ_FAILED or SOURCE_CHANGED where a file is no longer what it was when it was submitted (B8). */
async function assertSameSource(source: StoredSource): Promise<void> {
  const {path, size, modified, device, inode} = source
  const facts = await stat(path).catch((cause: unknown) => {
    throw new TransferError('READ_FAILED', `${path}, which is to be sent, is not there any more`, {cause})
  })
  const isSame =
    facts.size === size && facts.mtimeMs === modified && facts.dev === device && facts.ino === inode
  if (isSame) return
  throw new TransferError('SOURCE_CHANGED', `${path} was changed after it had been submitted`, {
    hint: 'Submit it again: ferry upload --background'
  })
}
