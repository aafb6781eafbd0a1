import {checksumAlgorithms, parseChecksum} from '../engine/index.ts'
import type {Checksum} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

/** What --checksum asks for: a digest, or where a list of digests can be fetched. */
export type ChecksumArgument =
  {readonly kind: 'digest'; readonly checksum: Checksum} | {readonly kind: 'list'; readonly url: string}

/** Reads the values of --checksum and --sha256. */
export function readChecksums(flags: {
  readonly checksum?: readonly string[]
  readonly sha256?: readonly string[]
}): readonly ChecksumArgument[] {
  return [
    ...(flags.checksum ?? []).map(readChecksum),
    ...(flags.sha256 ?? []).map(hex => readDigest('--sha256', `sha256:${hex}`))
  ]
}

function readChecksum(text: string): ChecksumArgument {
  return /^https?:\/\//i.test(text) ? {kind: 'list', url: text} : readDigest('--checksum', text)
}

function readDigest(flag: string, text: string): ChecksumArgument {
  const checksum = parseChecksum(text)
  if (checksum) return {kind: 'digest', checksum}
  throw usageError(
    flag === '--sha256'
      ? '--sha256 needs 64 hexadecimal digits'
      : `--checksum needs ALG:HEX in full length (ALG: ${checksumAlgorithms.join(', ')}), sha256-BASE64, or a URL`
  )
}

const byLength: Readonly<Record<number, Checksum['algorithm']>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512'
}

/**
 * Finds a file's digest in the text of a checksum file: GNU ("HEX  name", "HEX *name"), BSD ("SHA256 (name) = HEX"),
 * or one bare digest. undefined = there is none for this name.
 */
export function findChecksum(list: string, fileName: string): Checksum | undefined {
  const lines = list
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    const bsd = /^([A-Za-z0-9-]+) \((.+)\) = ([0-9a-f]+)$/i.exec(line)
    if (bsd && namesFile(bsd[2] ?? '', fileName)) return parseChecksum(`${bsd[1]}:${bsd[3]}`)
    const gnu = /^([0-9a-f]{32,128})\s+\*?(.+)$/i.exec(line)
    if (gnu && namesFile(gnu[2] ?? '', fileName)) return bare(gnu[1] ?? '')
  }
  return lines.length === 1 ? bare(lines[0] ?? '') : undefined
}

function namesFile(listed: string, fileName: string): boolean {
  return listed.split(/[\\/]/).at(-1) === fileName
}

function bare(hex: string): Checksum | undefined {
  const algorithm = byLength[hex.length]
  return algorithm === undefined ? undefined : parseChecksum(`${algorithm}:${hex}`)
}
