import {readFile, stat} from 'node:fs/promises'
import {TransferError, whyUnreadable} from '../engine/index.ts'
import {readStandardInput} from './standard-input.ts'

/** Longest file that a flag reads as text. */
const mostBytes = 64 * 1024 * 1024

/** The text of a file that a flag names, - being standard input. Rejects with READ_FAILED. */
export async function readTextFile(flag: string, path: string): Promise<string> {
  if (path === '-') return (await readStandardInput(flag)).toString('utf8')
  try {
    const {size} = await stat(path)
    if (size > mostBytes) throw new Error('it is too large')
    return await readFile(path, 'utf8')
  } catch (cause) {
    const message = `The file ${path} of ${flag} cannot be read: ${whyUnreadable(cause)}`
    throw new TransferError('READ_FAILED', message, {cause})
  }
}
