import {randomBytes} from 'node:crypto'
import {lstat} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError, makeFolder} from '../engine/index.ts'
import {createPrivateFile, readSmallFile} from './private-file.ts'
import {sweepTemporaries} from './temporary-file.ts'

/**
 * The secret of this user that every request to an endpoint carries: 32 bytes as hex, in control.token (0600) of the
 * state folder. Made by whoever needs it first; when several do at once, all get the same. Throws REFUSED when the file
 * is not this user's alone, WRITE_FAILED when it cannot be made.
 */
export async function controlToken(stateFolder: string): Promise<string> {
  const path = join(stateFolder, 'control.token')
  sweepTemporaries(stateFolder)
  const existing = await readToken(path)
  if (existing) return existing
  try {
    makeFolder(stateFolder, 0o700)
  } catch (cause) {
    throw new TransferError('WRITE_FAILED', `The folder ${stateFolder} cannot be made`, {cause})
  }
  const created = randomBytes(32).toString('hex')
  if (await createPrivateFile(path, created)) return created
  const winner = await readToken(path)
  if (winner) return winner
  throw new TransferError('WRITE_FAILED', `The file ${path} has gone while it was being read`)
}

// Where the file had to be copied into place, another process may see it short for a moment.
async function readToken(path: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < 10; attempt++) {
    await assertOwnFile(path)
    const text = await readSmallFile(path, 1024)
    if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text
    await sleep(20)
  }
  throw new TransferError('REFUSED', `The file ${path} does not hold a token`, {
    hint: 'Remove it: the next transfer makes a new one.'
  })
}

async function assertOwnFile(path: string): Promise<void> {
  const uid = process.getuid?.()
  const stats = await lstat(path).catch(() => undefined)
  if (!stats || uid === undefined) return
  const mine = stats.isFile() && stats.uid === uid && (stats.mode & 0o077) === 0
  if (mine) return
  throw new TransferError('REFUSED', `The file ${path} is not this user's alone`, {
    hint: 'Remove it: the next transfer makes a new one.'
  })
}
