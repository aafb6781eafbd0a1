import {statfsSync} from 'node:fs'
import {TransferError} from '../transfer-error.ts'
import {writeFailure} from './write-failure.ts'

/** Throws NO_SPACE when a folder's file system cannot take so many bytes more. */
export function assertSpace(folder: string, bytes: number): void {
  try {
    const {bavail, bsize} = statfsSync(folder)
    if (bavail * bsize >= bytes) return
  } catch (error) {
    throw writeFailure(error, folder)
  }
  throw new TransferError('NO_SPACE', `${folder} has not enough space for ${bytes} more bytes`)
}
