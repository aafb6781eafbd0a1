import {readFile, unlink, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {makeFolder, TransferError} from '../../../engine/index.ts'
import {isCode} from '../../places.ts'
import {ownMark} from './service-facts.ts'
import type {ServiceFile} from './service-facts.ts'

/**
 * Writes the files, those of before included. Throws REFUSED, and writes none, where one is there that is not ours;
 * WRITE_FAILED where one cannot be written.
 */
export async function writeServiceFiles(files: readonly ServiceFile[]): Promise<void> {
  for (const {path} of files) if ((await ownerOf(path)) === 'somebody') throw foreign(path)
  for (const {path, content} of files) {
    try {
      makeFolder(dirname(path))
      await writeFile(path, content)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new TransferError('WRITE_FAILED', `The file ${path} cannot be written: ${why}`, {cause})
    }
  }
}

/** What became of the files when they were taken away. */
export interface RemovedFiles {
  readonly removed: readonly string[]
  /** Not ours, and left where they are. */
  readonly left: readonly string[]
}

/** Removes those that are ours. Throws WRITE_FAILED where one cannot be removed. */
export async function removeServiceFiles(files: readonly ServiceFile[]): Promise<RemovedFiles> {
  const removed: string[] = []
  const left: string[] = []
  for (const {path} of files) {
    const owner = await ownerOf(path)
    if (owner === 'somebody') left.push(path)
    if (owner !== 'ferry') continue
    await unlink(path).catch((cause: unknown) => {
      throw new TransferError('WRITE_FAILED', `The file ${path} cannot be removed`, {cause})
    })
    removed.push(path)
  }
  return {removed, left}
}

/** Whose file is there? */
export async function ownerOf(path: string): Promise<'nobody' | 'ferry' | 'somebody'> {
  try {
    const bytes = await readFile(path)
    const isOurs = [bytes.toString('utf8'), bytes.toString('utf16le')].some(text => text.includes(ownMark))
    return isOurs ? 'ferry' : 'somebody'
  } catch (error) {
    return isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR') ? 'nobody' : 'somebody'
  }
}

function foreign(path: string): TransferError {
  return new TransferError('REFUSED', `The file ${path} is there, and ferry did not make it`, {
    hint: 'Move it away, or keep it; nothing was changed.'
  })
}
