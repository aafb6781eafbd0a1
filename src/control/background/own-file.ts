import {closeSync, constants, fstatSync, lstatSync, openSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {TransferError} from '../../engine/index.ts'

/**
 * Opens a file of the daemon's folder for adding to it; makes it, for this user alone, where it is not there. Never through a
 * link: what a backup or a stranger has put there must not lead to another file. Throws REFUSED, and the system's error.
 */
export function openOwnFile(path: string): number {
  // A pipe without a reader would keep us waiting.
  const {O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_WRONLY} = constants
  const before = lstatSync(path, {throwIfNoEntry: false})
  if (before) assertOwnFile(path, before)
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    assertOwnFile(path, fstatSync(file))
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Throws REFUSED for what is no file under this name alone, or another user's. */
export function assertOwnFile(path: string, facts: Stats): void {
  const uid = process.getuid?.()
  if (facts.isFile() && facts.nlink <= 1 && (uid === undefined || facts.uid === uid)) return
  throw new TransferError('REFUSED', `${path} is no file of the background service`, {
    hint: `Move it away; ferry makes it itself: mv '${path}' ELSEWHERE`
  })
}
