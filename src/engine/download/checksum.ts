/** A digest the finished file must have. */
export interface Checksum {
  readonly algorithm:
    'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha512-256' | 'sha3-256' | 'sha3-512'
  /** Lower-case hexadecimal. */
  readonly value: string
}

const algorithms = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  'sha512-256': 32,
  'sha3-256': 32,
  'sha3-512': 64
} as const

/** Names by strength, weakest first. */
export const checksumAlgorithms = Object.keys(algorithms) as readonly Checksum['algorithm'][]

/** Reads "sha256:HEX", "sha-256=HEX" or the integrity form "sha256-BASE64"; undefined when it is none of them or has the wrong length. */
export function parseChecksum(text: string): Checksum | undefined {
  const hex = /^([a-z0-9-]+)[:=]([0-9a-f]+)$/i.exec(text.trim())
  if (hex) return checksum(hex[1] ?? '', (hex[2] ?? '').toLowerCase())
  const integrity = /^(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())
  if (!integrity) return undefined
  return checksum(integrity[1] ?? '', Buffer.from(integrity[2] ?? '', 'base64').toString('hex'))
}

function checksum(name: string, value: string): Checksum | undefined {
  const lower = name.toLowerCase()
  const algorithm = checksumAlgorithms.find(
    known => known === lower || known.replace(/^sha(\d)/, 'sha-$1') === lower
  )
  if (!algorithm || value.length !== algorithms[algorithm] * 2) return undefined
  return {algorithm, value}
}
