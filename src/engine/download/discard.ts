import {unlinkSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {readDownloadResumeData} from '../resume-data.ts'
import {PartialFile} from './partial-file.ts'
import {TargetLock} from './target-lock.ts'

/**
 * Removes resume data and the partial file it names, if that is still the one it was written for. Rejects with
 * RESUME_DATA_INVALID or BUSY and then removes nothing.
 */
export async function discardResumeData(file: string, key?: Uint8Array): Promise<void> {
  const path = resolve(file)
  const {data, origin} = await readDownloadResumeData(path, key)
  const directory = (origin === 'own' ? data.destination.directory : null) ?? dirname(path)
  const target = join(directory, data.destination.name)
  TargetLock.assertFree(target)
  const part = {length: data.bytesReceived, tail: data.tail}
  PartialFile.reopen(join(directory, data.partial.name), part)?.remove()
  unlinkSync(path)
}
