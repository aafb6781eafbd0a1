import {readFile} from 'node:fs/promises'
import {TransferError, whyUnreadable} from '../engine/index.ts'
import {readStandardInput} from './standard-input.ts'

/** The bytes of a file that a flag names, - being standard input. Rejects with READ_FAILED. */
export async function readContent(flag: string, path: string): Promise<Buffer> {
  if (path === '-') return readStandardInput(flag)
  return readFile(path).catch((cause: unknown) => {
    throw new TransferError(
      'READ_FAILED',
      `The file ${path} of ${flag} cannot be read: ${whyUnreadable(cause)}`,
      {
        cause
      }
    )
  })
}
