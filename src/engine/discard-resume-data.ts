import {rmSync} from 'node:fs'
import {resolve} from 'node:path'
import {discardDownload} from './download/discard.ts'
import {TargetLock} from './files/target-lock.ts'
import {onDisk} from './files/write-failure.ts'
import {readResumeData} from './resume-data.ts'
import {removeUpload} from './upload/end-upload.ts'

/**
 * Removes resume data, and what was made for it alone: of a download the partial file, if that is still the one it was
 * written for. Nobody is asked for anything: what a server has of an upload stays there (see cancelUpload). Rejects with
 * RESUME_DATA_INVALID or BUSY and then removes nothing; with WRITE_FAILED where something could not be removed.
 */
export async function discardResumeData(file: string, key?: Uint8Array): Promise<void> {
  const path = resolve(file)
  const {data, origin} = await readResumeData(path, key)
  if (data.kind === 'download') return onDisk(path, () => discardDownload(path, {data, origin}))
  TargetLock.assertFree(path)
  // A stranger's resume data must not choose a file to remove.
  await onDisk(path, () => (origin === 'own' ? removeUpload(path, data) : rmSync(path, {force: true})))
  await TargetLock.sweep(path)
}
