import {howToLeaveResumeData, longestText} from '../resume-data-limits.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {openFileSource} from './file-source.ts'
import type {FileSource} from './file-source.ts'
import {emptyPrefix} from './sent-prefix.ts'
import {takeUp} from './take-up.ts'
import {describeUpload} from './upload-record.ts'
import {recordPlace, RecordFile} from './record-file.ts'
import type {RecordPlace} from './record-file.ts'

/**
 * Writes an upload that was never started down as resume data that claims nothing, so that any process can start it
 * later. Nobody is asked for anything; what an earlier task has begun stays. Resolves to the path of the resume data.
 */
export async function writeDown(task: UploadTask): Promise<string> {
  const file = await sourceOf(task)
  const place = recordPlace(task, file.path)
  const recordFile = new RecordFile(task, place)
  try {
    task.countOfBytesExpectedToSend = file.size
    const earlier = await takeUp(task, {recordFile, place})
    if (earlier && stays(earlier, task)) task.countOfBytesSent = earlier.prefix.length
    else await recordFile.write(generation => describe(task, {file, generation}))
    if (recordFile.path !== undefined) return recordFile.path
    throw new TransferError('NOT_RESUMABLE', 'This upload leaves nothing on disk that could wait', {
      hint: place ? hintFor(place) : howToLeaveResumeData
    })
  } finally {
    recordFile.release()
    file.close()
  }
}

function hintFor({path}: RecordPlace): string {
  return `Is ${path} in a folder that can be written to, and no address or header longer than ${longestText}?`
}

async function sourceOf(task: UploadTask): Promise<FileSource> {
  if (task.source.kind === 'file') return openFileSource(task, task.source.path)
  throw new TransferError('NOT_RESUMABLE', 'Only a file can wait on disk until it is sent', {
    hint: 'Put what is to be sent into a file.'
  })
}

// What was begun goes on with what it began with, and what this task comes from says how it is to be sent.
function stays(earlier: UploadResumeData, {continues}: UploadTask): boolean {
  return earlier.parts.length > 0 || continues !== undefined
}

function describe(
  task: UploadTask,
  {file, generation}: {file: FileSource; generation: number}
): UploadResumeData {
  const {resumable, interopVersion} = task.keys.uploads
  const name = resumable === 'auto' ? null : resumable
  return describeUpload({
    walk: {task, source: file, parts: [], expires: undefined},
    protocol: {name, interopVersion: name === null || name === 'ietf' ? interopVersion : undefined},
    state: 'paused',
    generation,
    prefix: emptyPrefix
  })
}
