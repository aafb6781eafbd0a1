import {TransferError} from '../transfer-error.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {FileIdentity} from './file-identity.ts'
import type {FileSource} from './file-source.ts'

/** Throws SOURCE_CHANGED where size or time say that a file is not what was being sent. */
export function assertSameFacts(
  {path, size, modified}: Pick<FileIdentity, 'path' | 'size' | 'modified'>,
  data: UploadResumeData
): void {
  const {source} = data
  if (size !== source.size) throw changed(path, `it had ${source.size} bytes and has ${size} now`)
  if (modified !== source.modified) throw changed(path, 'it was written to')
}

/**
 * Is the file still what was being sent? Rejects with SOURCE_CHANGED or READ_FAILED: what the server has would be
 * completed with bytes of another file (U4).
 */
export async function assertSameSource(file: FileSource, data: UploadResumeData): Promise<void> {
  assertSameFacts(file, data)
  const {length, sha256} = data.prefix
  if ((await file.prefixDigest(length)) === sha256) return
  throw changed(file.path, 'what was sent of it is not what it begins with')
}

/** Where a pipe or a device has taken the place of the file: whoever reads it sends what nobody has asked to send. */
export function noFile(path: string): TransferError {
  return changed(path, 'it is a pipe or a device now')
}

function changed(path: string, how: string): TransferError {
  return new TransferError('SOURCE_CHANGED', `${path} has changed since a part of it was sent: ${how}`, {
    hint: 'Put back the file that was being sent, or send this one from zero.'
  })
}
