import {existsSync} from 'node:fs'
import {readUploadResumeData} from '../resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {isSameUpload} from './upload-record.ts'
import type {RecordPlace, RecordFile} from './record-file.ts'

const nameAnother = 'Name another file with --resume-data, or pass this one by with --no-resume.'

/**
 * What an earlier task left of the same upload. Rejects with RESUME_DATA_INVALID where a file that was named holds
 * something else or is used up, and with BUSY where somebody is at it; what was found under a name of our own is passed by.
 */
export async function takeUp(
  task: UploadTask,
  {recordFile, place}: {recordFile: RecordFile; place: RecordPlace | undefined}
): Promise<UploadResumeData | undefined> {
  if (!place || !existsSync(place.path)) return nothing(task, place)
  if ((await recordFile.lock()) === 'second') return undefined
  // Until this moment somebody else may have had the right to it, and used it up.
  if (!existsSync(place.path)) return nothing(task, place)
  try {
    const data = await readOwn(task, place.path)
    recordFile.found(data)
    return data
  } catch (error) {
    if (place.name === 'given') throw error
    await recordFile.stepAside()
    return undefined
  }
}

function nothing(task: UploadTask, place: RecordPlace | undefined): undefined {
  if (!task.continues) return undefined
  const path = place?.path ?? task.options.resumeDataPath ?? ''
  throw new TransferError('RESUME_DATA_INVALID', `The resume data ${path} was used already`)
}

async function readOwn(task: UploadTask, path: string): Promise<UploadResumeData> {
  const data = await readUploadResumeData(path, task.session.environment.resumeDataKey?.()).catch(
    (error: unknown) => {
      if (task.continues || !(error instanceof TransferError) || error.hint !== undefined) throw error
      throw new TransferError(error.code, error.message, {hint: nameAnother, cause: error})
    }
  )
  if (isSameUpload(data, task)) return data
  throw new TransferError('RESUME_DATA_INVALID', `The resume data ${path} belongs to another upload`, {
    hint: nameAnother
  })
}
