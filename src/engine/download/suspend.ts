import type {DownloadTask} from '../download-task.ts'
import {howToLeaveResumeData} from '../resume-data-limits.ts'
import {TransferError} from '../transfer-error.ts'
import {openDraft} from './open-draft.ts'

/**
 * Writes a task that was never started down as resume data that claims nothing, so that any process can start it later.
 * Nobody is asked for anything; what is found of an earlier task stays. Resolves to the path of the resume data.
 */
export async function writeDown(task: DownloadTask): Promise<string> {
  const opening = await openDraft(task)
  if (opening.kind !== 'draft') {
    throw new TransferError('NOT_RESUMABLE', `${opening.path} needs no transfer that could wait`)
  }
  const {draft} = opening
  try {
    task.path = draft.path
    if (task.originalRequest.method !== 'GET')
      throw nothingWaits('Only a GET can wait on disk: run it without --suspended when it is time.')
    task.countOfBytesReceived = draft.received
    task.countOfBytesExpectedToReceive = draft.total
    await draft.lock()
    if (draft.sidecar.content === 'none') await draft.record('paused')
    if (draft.sidecar.keeping === 'nothing') throw nothingWaits(howToLeaveResumeData)
    return draft.sidecar.path
  } finally {
    await draft.close()
  }
}

function nothingWaits(hint: string): TransferError {
  return new TransferError('NOT_RESUMABLE', 'This transfer leaves nothing on disk that could wait', {hint})
}
