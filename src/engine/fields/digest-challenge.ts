import type {Challenge} from './www-authenticate.ts'

export type DigestHash = 'MD5' | 'SHA-256' | 'SHA-512-256'

/** What a server asks for with Digest (RFC 7616, 3.3). */
export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly hash: DigestHash
  /** -sess: the secret is hashed once with the first nonces, for all that follows. */
  readonly isSession: boolean
  /** As it was written, to be sent back so; undefined where the server named none. */
  readonly algorithm: string | undefined
  /** The quality of protection to use; undefined speaks RFC 2069. */
  readonly qop: 'auth' | 'auth-int' | undefined
  readonly userHash: boolean
  /** May the name be sent in the extended notation of RFC 8187? */
  readonly isUnicode: boolean
  /** The secret was right, only the nonce is too old. */
  readonly isStale: boolean
}

const hashes: ReadonlyMap<string, DigestHash> = new Map([
  ['md5', 'MD5'],
  ['sha-256', 'SHA-256'],
  ['sha-512-256', 'SHA-512-256']
])

/** Reads a Digest challenge; undefined for one that cannot be answered: another scheme, hash or protection, no nonce. */
export function readDigestChallenge({scheme, parameters}: Challenge): DigestChallenge | undefined {
  if (scheme.toLowerCase() !== 'digest') return undefined
  const algorithm = parameters.get('algorithm')
  const [, name = '', session] = /^(.*?)(-sess)?$/is.exec(algorithm ?? 'MD5') ?? []
  const hash = hashes.get(name.toLowerCase())
  const realm = parameters.get('realm')
  const nonce = parameters.get('nonce')
  const qop = protectionOf(parameters.get('qop'))
  if (!hash || realm === undefined || nonce === undefined || qop === 'other') return undefined
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque'),
    hash,
    isSession: session !== undefined,
    algorithm,
    qop,
    userHash: isTrue(parameters.get('userhash')),
    isUnicode: parameters.get('charset')?.toLowerCase() === 'utf-8',
    isStale: isTrue(parameters.get('stale'))
  }
}

// auth-int proves no more for a request without a body, and costs more for one with.
function protectionOf(text: string | undefined): DigestChallenge['qop'] | 'other' {
  if (text === undefined) return undefined
  const offered = text.toLowerCase().split(/[\s,]+/)
  return offered.includes('auth') ? 'auth' : offered.includes('auth-int') ? 'auth-int' : 'other'
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true'
}
