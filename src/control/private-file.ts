import {constants} from 'node:fs'
import {copyFile, link, open, rename, unlink} from 'node:fs/promises'
import {TransferError} from '../engine/index.ts'
import {isCode} from './places.ts'
import {temporaryName} from './temporary-file.ts'

/** Puts the text there whole or not at all: written beside (0600, exclusively), then renamed. */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  const temporary = await writeBeside(path, text)
  try {
    await rename(temporary, path)
  } catch (cause) {
    await unlink(temporary).catch(() => {})
    throw new TransferError('WRITE_FAILED', `The file ${path} cannot be written`, {cause})
  }
}

/** As above, but never over a file that is there, and whole after a power cut too. False when another one was first. */
export async function createPrivateFile(path: string, text: string): Promise<boolean> {
  const temporary = await writeBeside(path, text)
  try {
    // What is made once is never written again: empty, it would stay so.
    await flush(temporary)
    await publish(temporary, path)
    return true
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) return false
    throw new TransferError('WRITE_FAILED', `The file ${path} cannot be written`, {cause})
  } finally {
    await unlink(temporary).catch(() => {})
  }
}

/** The text of a regular file of at most that many bytes, never through a link; undefined when there is none. */
export async function readSmallFile(path: string, limit: number): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | noFollow()).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (!file) return undefined
  try {
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > limit)
      throw new TransferError('REFUSED', `The file ${path} is none of ferry's`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function writeBeside(path: string, text: string): Promise<string> {
  const temporary = temporaryName(path)
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) await unlink(temporary).catch(() => {})
    throw new TransferError('WRITE_FAILED', `The file ${temporary} cannot be written`, {cause})
  }
  return temporary
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

// A link shows the name with the whole content at once. FAT and some network file systems know none.
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw error
    await copyFile(temporary, path, constants.COPYFILE_EXCL)
  }
}

// Windows has no such flag, and links there need a privilege.
function noFollow(): number {
  return process.platform === 'win32' ? 0 : constants.O_NOFOLLOW
}
