import {randomBytes} from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync
} from 'node:fs'
import {join} from 'node:path'
import {TransferError, makeFolder} from '../engine/index.ts'
import {sweepTemporaries, temporaryName} from './temporary-file.ts'

const keyLength = 32

/**
 * The user's key for signing resume data, made at the first use. Where the state folder cannot be used, a key for this
 * run alone takes its place: the transfer goes on, and its resume data counts as foreign afterwards.
 */
export function resumeDataKey(stateFolder: string, report: (error: TransferError) => void): () => Uint8Array {
  let key: Uint8Array | undefined
  return () => {
    key ??= keptKey(stateFolder, report)
    return key
  }
}

function keptKey(stateFolder: string, report: (error: TransferError) => void): Uint8Array {
  const path = join(stateFolder, 'resume.key')
  try {
    return readKey(path) ?? makeKey(stateFolder, path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    report(
      new TransferError('WRITE_FAILED', `The key for resume data cannot be used: ${why}`, {
        hint: 'A transfer that is interrupted now needs --trust-resume-data to continue.',
        cause
      })
    )
    return randomBytes(keyLength)
  }
}

function readKey(path: string): Uint8Array | undefined {
  const facts = lstatSync(path, {throwIfNoEntry: false})
  if (!facts) return undefined
  if (!facts.isFile()) throw new Error(`${path} is not a regular file`)
  const uid = process.getuid?.()
  if (uid !== undefined && facts.uid !== uid) throw new Error(`${path} belongs to another user`)
  if (uid !== undefined && (facts.mode & 0o077) !== 0) {
    throw new Error(`${path} is open to other users; close it with: chmod 600 '${path}'`)
  }
  const key = readFileSync(path)
  if (key.length === keyLength) return key
  throw new Error(`${path} is damaged; remove it`)
}

// Written beside and linked: of several creators one wins, and nobody ever reads half a key.
function makeKey(stateFolder: string, path: string): Uint8Array {
  makeFolder(stateFolder, 0o700)
  sweepTemporaries(stateFolder)
  const beside = temporaryName(path)
  const key = randomBytes(keyLength)
  const file = openSync(beside, 'wx', 0o600)
  try {
    writeWhole(file, key)
    linkSync(beside, path)
    return key
  } catch (error) {
    const other = readKey(path)
    if (other) return other
    throw error
  } finally {
    unlinkSync(beside)
  }
}

function writeWhole(file: number, key: Uint8Array): void {
  try {
    writeSync(file, key)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
