import {statfsSync} from 'node:fs'
import {writeFailure} from '../files/write-failure.ts'
import {TransferError} from '../transfer-error.ts'

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
