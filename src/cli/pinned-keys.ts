import {createHash, createPublicKey} from 'node:crypto'
import type {KeyObject} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {TransferError} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

const prefix = 'sha256//'

/**
 * The pins of --pinnedpubkey: digests, or the digest of the public key in a file (PEM, DER, or a certificate). Rejects
 * with USAGE or READ_FAILED.
 */
export async function readPinnedKeys(given: string): Promise<readonly string[]> {
  if (!given.startsWith(prefix)) return [await pinOfFile(given)]
  return given.split(';').map(pin => {
    if (/^sha256\/\/[A-Za-z0-9+/]{43}=$/.test(pin)) return pin.slice(prefix.length)
    throw usageError(
      '--pinnedpubkey takes sha256// and 44 characters of base64, several of them with ; between'
    )
  })
}

async function pinOfFile(file: string): Promise<string> {
  const content = await readFile(file).catch((cause: unknown) => {
    const hint = 'A digest begins with sha256//'
    throw new TransferError('READ_FAILED', `The file ${file} of --pinnedpubkey cannot be read`, {cause, hint})
  })
  const key = publicKeyOf(content)
  if (key === undefined) throw usageError(`The file ${file} of --pinnedpubkey holds no public key`)
  return createHash('sha256')
    .update(key.export({type: 'spki', format: 'der'}))
    .digest('base64')
}

function publicKeyOf(content: Buffer): KeyObject | undefined {
  try {
    if (content.includes('-----BEGIN ')) return createPublicKey(content)
    return createPublicKey({key: content, format: 'der', type: 'spki'})
  } catch {
    return undefined
  }
}
