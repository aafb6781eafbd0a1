import type {PartialFile} from '../files/partial-file.ts'
import {TransferError} from '../transfer-error.ts'

const roomForResumeData = 64 * 1024

/**
 * Leaves the partial file so that its resume data can claim what is in it: cut to its bytes, flushed, recorded. On a full
 * disk the last bytes make room for the resume data that names the others. Resolves to the bytes claimed.
 */
export async function claimReceived(
  part: PartialFile,
  {received, record}: {received: number; record: (received: number) => Promise<void>}
): Promise<number> {
  const claim = async (length: number): Promise<number> => {
    part.truncate(length)
    await part.flush('data')
    await record(length)
    return length
  }
  try {
    return await claim(received)
  } catch (error) {
    const isFull = error instanceof TransferError && error.code === 'NO_SPACE'
    if (!isFull || received <= roomForResumeData) throw error
    return claim(received - roomForResumeData)
  }
}
