import {rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {DownloadResumeData} from '../download-resume-data.ts'
import {PartialFile} from '../files/partial-file.ts'
import {TargetLock} from '../files/target-lock.ts'
import type {ReadResumeData} from '../resume-data.ts'

/**
 * Removes the resume data of a download, the partial file it names, and the lock of a process that is gone. Rejects with
 * BUSY and then removes nothing.
 */
export async function discardDownload(
  path: string,
  {data, origin}: ReadResumeData<DownloadResumeData>
): Promise<void> {
  const directory = (origin === 'own' ? data.destination.directory : null) ?? dirname(path)
  const target = join(directory, data.destination.name)
  TargetLock.assertFree(target)
  const part = {length: data.bytesReceived, tail: data.tail}
  PartialFile.reopen(join(directory, data.partial.name), part)?.remove()
  rmSync(path, {force: true})
  await TargetLock.sweep(target)
}
