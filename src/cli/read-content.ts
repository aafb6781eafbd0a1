import {readFile} from 'node:fs/promises'
import {TransferError, whyUnreadable} from '../engine/index.ts'
import {readStandardInput} from './standard-input.ts'

/** The bytes of a file that a flag names, - being standard input. Rejects with READ_FAILED. */
export async function readContent(flag: string, path: string): Promise<Buffer> {
  if (path === '-') return readStandardInput(flag)
  return readFile(path).catch((cause: unknown) => {
    const message = `The file ${path} of ${flag} cannot be read: ${whyUnreadable(cause)}`
    throw new TransferError('READ_FAILED', message, {...(isTooLarge(cause) && {hint: asFile}), cause})
  })
}

const asFile =
  'Send it from disk, at any size: --data-binary @FILE alone, -F NAME=@FILE, or as FILE before the URL.'

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_FS_FILE_TOO_LARGE'
}
