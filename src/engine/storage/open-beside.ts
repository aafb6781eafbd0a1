import {randomBytes} from 'node:crypto'
import {constants} from 'node:fs'
import {open, unlink} from 'node:fs/promises'
import type {FileHandle} from 'node:fs/promises'

/**
 * A new file (0600), under that name or one derived from it, that will replace another. For those alone who hold the right
 * to write that other one: what is there under the name is what a crash left, and goes (6.11).
 */
export async function openBeside(name: string): Promise<{file: FileHandle; beside: string}> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY
  await unlink(name).catch(() => {})
  try {
    return {file: await open(name, flags, 0o600), beside: name}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  // What cannot be removed was made by somebody else.
  const other = `${name.replace(/~$/, '')}-${randomBytes(6).toString('hex')}~`
  return {file: await open(other, flags, 0o600), beside: other}
}
