import {rmSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {TargetLock} from '../files/target-lock.ts'
import {onDisk} from '../files/write-failure.ts'
import {readUploadResumeData} from '../resume-data.ts'
import type {Session} from '../session.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import {UploadTask} from '../upload-task.ts'
import {requestOf} from './claim-upload.ts'
import {patienceWithServer} from './patience-with-server.ts'

/**
 * Ends an upload for good that is not under way: the server is asked to forget it, for a few seconds at most, and the
 * resume data is removed, whatever the server says. Rejects with RESUME_DATA_INVALID or BUSY and then changes nothing; with
 * WRITE_FAILED where something could not be removed.
 */
export async function cancelUpload(session: Session, file: string): Promise<void> {
  const path = resolve(file)
  const read = () => readUploadResumeData(path, session.environment.resumeDataKey?.())
  // A lock beside what is no resume data would be a trace of nothing.
  await read()
  const lock = await TargetLock.acquire(path)
  try {
    // Whoever had the right to it until now may have used it up.
    const data = await read()
    const task = taskOf(session, data)
    const {protocolOf} = await import('./protocols.ts')
    const {cancelWithin} = await import('./cancel-within.ts')
    const protocol = await protocolOf(task, data)
    await cancelWithin(patienceWithServer, {protocol, walk: {task, parts: data.parts}})
    await onDisk(path, () => removeUpload(path, data))
    session.environment.didUpdateResumeData?.(task, undefined)
  } finally {
    lock.release()
  }
}

// Nobody starts it: it says who asks.
function taskOf(session: Session, data: UploadResumeData): UploadTask {
  const {path, lifetime} = data.source
  return new UploadTask(session, {
    id: data.taskId,
    request: requestOf(data),
    source: {kind: 'file', path, lifetime},
    options: data.collection === null ? {} : {collection: new URL(data.collection)},
    continues: data
  })
}

/** Removes resume data that this user has signed, and the copy that was made for its upload alone. */
export function removeUpload(path: string, {source}: UploadResumeData): void {
  if (source.lifetime === 'task' && isThere(source)) rmSync(source.path, {force: true})
  rmSync(path, {force: true})
}

function isThere({path, size, device, inode}: UploadResumeData['source']): boolean {
  const facts = statSync(path, {throwIfNoEntry: false})
  return facts?.size === size && facts.dev === device && facts.ino === inode
}
