import type {TaskOutcome} from '../task.ts'
import type {UploadTask} from '../upload-task.ts'
import {TransferError} from '../transfer-error.ts'

/** Source to server: chooses how, sends, hands the answer on (the walk of one upload). */
export async function upload(task: UploadTask): Promise<TaskOutcome> {
  throw new TransferError('USAGE', `Uploads are being built (${task.source.kind})`)
}
