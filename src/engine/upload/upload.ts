import {existsSync, unlinkSync} from 'node:fs'
import {onlyFiles} from '../admit.ts'
import type {TaskOutcome} from '../task.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {openBody} from './open-source.ts'
import {noFile} from './same-source.ts'
import {sendFile} from './send-file.ts'
import {sendPlain} from './plain.ts'

/** Source to server: chooses how, sends, hands the answer on (the walk of one upload). */
export async function upload(task: UploadTask): Promise<TaskOutcome> {
  assertCarries(task)
  const opened = await openBody(task)
  try {
    const {file} = opened
    if (file === undefined) assertMayStream(task)
    const isWhole = file === undefined || (task.keys.uploads.resumable === 'none' && !task.continues)
    return isWhole ? await sendPlain(task, opened) : await sendFile(task, {opened, file})
  } finally {
    // Also where no answer is handed on, the last count is told.
    if (!task.hasIntroducedResponse) task.session.progress.finish(task)
    opened.close()
    removeSpool(task)
  }
}

// As Foundation has it (3A 9): content would have no meaning there (RFC 9110, 9.3.1 and 9.3.2).
function assertCarries({originalRequest: {method, url}}: UploadTask): void {
  if (method !== 'GET' && method !== 'HEAD') return
  throw new TransferError('USAGE', `A request with the method ${method} carries no content`, {
    url,
    method,
    hint: `Leave out -X ${method}: PUT is what an upload uses.`
  })
}

function assertMayStream({source, continues, session}: UploadTask): void {
  if (source.kind === 'file' && continues) throw noFile(source.path)
  if (session.configuration.kind === 'background') throw onlyFiles()
}

// A copy that was made for this upload alone is of use as long as somebody may continue it, or begin it again.
function removeSpool({source, resumeData, continues, options, stopSignal, session}: UploadTask): void {
  if (session.environment.copies === 'left') return
  if (source.kind !== 'file' || source.lifetime !== 'task' || resumeData !== undefined) return
  if (stopSignal.reason === 'pause') return
  // This task may have found that another one is at it.
  if (continues && existsSync(options.resumeDataPath ?? '')) return
  try {
    unlinkSync(source.path)
  } catch {
    // It is gone already.
  }
}
