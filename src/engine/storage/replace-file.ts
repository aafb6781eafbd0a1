import {createHash} from 'node:crypto'
import {lstat, open, realpath, rename, stat, unlink} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError} from '../transfer-error.ts'
import {openBeside} from './open-beside.ts'
import {syncFolder} from './sync-folder.ts'

// Writing takes milliseconds: a lock that is older was left by a process that died.
const staleAfter = 10_000
const patience = 15_000

/**
 * Puts bytes there whole or not at all, for this user alone (0600): written beside under a short name, flushed, renamed
 * (CVE-2022-32207). To be called under the file's lock. A link is followed. Rejects with WRITE_FAILED, NO_SPACE or REFUSED.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const target = await realTarget(path)
  let temporary: string | undefined
  try {
    const {file, beside} = await openBeside(`${besideName(target)}~`)
    temporary = beside
    try {
      await file.writeFile(bytes)
      await file.chmod(0o600)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    if (temporary !== undefined) await unlink(temporary).catch(() => {})
    throw failure(path, cause)
  }
}

/** Does the work while no other ferry does its own on the same file. Rejects with BUSY where that takes too long. */
export async function underLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const target = await realTarget(path)
  const lock = `${besideName(target)}.lock`
  await takeLock(path, lock)
  try {
    return await work()
  } finally {
    await unlink(lock).catch(() => {})
  }
}

// Short, however long the name of the file is (CVE-2023-46219).
function besideName(target: string): string {
  const mark = createHash('sha256').update(basename(target)).digest('hex').slice(0, 16)
  return join(dirname(target), `.ferry-${mark}`)
}

async function takeLock(path: string, lock: string): Promise<void> {
  for (const deadline = Date.now() + patience; ;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      return
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw failure(path, cause)
      if (Date.now() > deadline)
        throw new TransferError('BUSY', `The file ${path} is held by another process`)
    }
    const facts = await stat(lock).catch(() => undefined)
    if (facts && Date.now() - facts.mtimeMs > staleAfter) await unlink(lock).catch(() => {})
    else await sleep(10 + Math.random() * 20)
  }
}

// Renaming over a device, or over a link, would take it away.
async function realTarget(path: string): Promise<string> {
  const target = await realpath(path).catch(() => path)
  const facts = await lstat(target).catch(() => undefined)
  if (facts && !facts.isFile()) throw new TransferError('REFUSED', `The file ${path} is no regular file`)
  return target
}

function failure(path: string, cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  const isFull = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause))
  return new TransferError(
    isFull ? 'NO_SPACE' : 'WRITE_FAILED',
    `The file ${path} cannot be written: ${why}`,
    {cause}
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
