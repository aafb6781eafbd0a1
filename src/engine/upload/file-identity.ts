import {access, closeSync, constants, fstatSync, open, readSync, stat} from 'node:fs'
import type {Stats} from 'node:fs'
import {resolve} from 'node:path'
import {promisify} from 'node:util'
import {readFailure} from '../files/read-failure.ts'
import {TransferError} from '../transfer-error.ts'

const openFile = promisify(open)
const statFile = promisify(stat)
const accessFile = promisify(access)

/** What tells a file, as it was when an upload began, from what may stand under its name later. */
export interface FileIdentity {
  /** Absolute. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch, with the fraction that the system keeps. */
  readonly modified: number
  readonly device: number
  readonly inode: number
}

/** stream: its bytes come once, and nobody knows how many (pipes, devices, files that the system makes up). */
export type Readable =
  {readonly kind: 'file'; readonly identity: FileIdentity} | {readonly kind: 'stream'; readonly path: string}

/** Looks at what is to be sent. Rejects with READ_FAILED: missing, a folder, not for this user. */
export async function examine(name: string): Promise<Readable> {
  const path = resolve(name)
  try {
    const facts = await statFile(path)
    if (facts.isFile()) return await examineFile(path)
    if (facts.isDirectory()) throw Object.assign(new Error('a folder'), {code: 'EISDIR'})
    if (facts.isSocket()) throw Object.assign(new Error('a socket'), {code: 'ENXIO'})
    await accessFile(path, constants.R_OK)
    return {kind: 'stream', path}
  } catch (error) {
    throw readFailure(error, path)
  }
}

async function examineFile(path: string): Promise<Readable> {
  const file = await openToRead(path)
  try {
    const identity = identityOf(path, fstatSync(file))
    // Files under /proc and /sys say that they are empty, and are not.
    const isMadeUp = identity.size === 0 && readSync(file, Buffer.alloc(1), 0, 1, 0) > 0
    return isMadeUp ? {kind: 'stream', path} : {kind: 'file', identity}
  } finally {
    closeSync(file)
  }
}

/** The file that was looked at, opened. Rejects with READ_FAILED, or SOURCE_CHANGED where another one has its name. */
export async function openSame(identity: FileIdentity): Promise<number> {
  const file = await openToRead(identity.path).catch((error: unknown) => {
    throw readFailure(error, identity.path)
  })
  try {
    assertSame(identity, fstatSync(file))
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Without waiting, in case a pipe has taken the file's place. */
function openToRead(path: string): Promise<number> {
  return openFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
}

/** Throws SOURCE_CHANGED where the name stands for something else by now, READ_FAILED where for nothing. */
export async function assertSameUnderName(identity: FileIdentity): Promise<void> {
  const facts = await statFile(identity.path).catch((error: unknown) => {
    throw readFailure(error, identity.path)
  })
  assertSame(identity, facts)
}

export function assertSame(identity: FileIdentity, facts: Stats): void {
  const found = identityOf(identity.path, facts)
  if (found.inode !== identity.inode || found.device !== identity.device)
    throw sourceChanged(identity.path, 'another file has its name now')
  if (found.size !== identity.size)
    throw sourceChanged(identity.path, `it had ${identity.size} bytes and has ${found.size} now`)
  if (found.modified !== identity.modified) throw sourceChanged(identity.path, 'it was written to')
}

export function sourceChanged(path: string, how: string): TransferError {
  return new TransferError('SOURCE_CHANGED', `${path} changed while it was being sent: ${how}`, {
    hint: 'Send it again when nothing writes to it any more.'
  })
}

function identityOf(path: string, {size, mtimeMs, dev, ino}: Stats): FileIdentity {
  return {path, size, modified: mtimeMs, device: dev, inode: ino}
}
