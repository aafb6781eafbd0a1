import {createHash, randomBytes} from 'node:crypto'
import type {Credential} from '../../authentication-challenge.ts'
import type {AuthenticationInfo} from '../../fields/authentication-info.ts'
import type {DigestChallenge, DigestHash} from '../../fields/digest-challenge.ts'

/** The request line as it is sent: a Digest answer is good for it alone. */
export interface SignedRequest {
  readonly method: string
  /** The target exactly as sent: path and query, or host:port for CONNECT. */
  readonly uri: string
  /** Hash of the body in hexadecimal, for auth-int; absent = there is none. */
  readonly entity?: string | undefined
}

type Password = Extract<Credential, {kind: 'password'}>

/** What OpenSSL calls the hashes. */
export const openSslNames: Readonly<Record<DigestHash, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256'
}

/** The Digest of one protection space (RFC 7616): the challenge in force, and how often its nonce was used. */
export class DigestState {
  #challenge: DigestChallenge | undefined
  #count = 0
  #sessionSecret: string | undefined
  #sessionNonce: string | undefined
  readonly #makeNonce: () => string

  constructor(makeNonce: () => string = () => randomBytes(18).toString('base64url')) {
    this.#makeNonce = makeNonce
  }

  /** The challenge in force; undefined until there was one. */
  get challenge(): DigestChallenge | undefined {
    return this.#challenge
  }

  /** Takes a challenge of the server: from now on its nonce is used. */
  adopt(challenge: DigestChallenge): void {
    if (challenge.nonce !== this.#challenge?.nonce) this.#count = 0
    this.#challenge = challenge
    this.#sessionSecret = undefined
    this.#sessionNonce = undefined
  }

  /** Takes what the server says beside its answer: the next nonce, if it names one (RFC 7616, 3.5). */
  note({nextNonce}: AuthenticationInfo): void {
    if (!this.#challenge || nextNonce === undefined || nextNonce === this.#challenge.nonce) return
    this.#challenge = {...this.#challenge, nonce: nextNonce}
    this.#count = 0
  }

  /** The value of Authorization for one request; undefined without a challenge, or where the name cannot be written. */
  answer({method, uri, entity}: SignedRequest, credential: Password): string | undefined {
    const challenge = this.#challenge
    if (!challenge) return undefined
    const {hash, nonce, qop, realm, opaque} = challenge
    const user = nameFields(challenge, credential.user)
    if (!user) return undefined
    this.#count += 1
    const count = this.#count.toString(16).padStart(8, '0')
    const clientNonce = qop || challenge.isSession ? this.#clientNonce(challenge) : ''
    const secret = this.#secret(challenge, {credential, clientNonce})
    const digested = (text: string): string => digest(hash, latin1(text))
    const body = qop === 'auth-int' ? `:${entity ?? digest(hash, Buffer.alloc(0))}` : ''
    const request = digested(`${method}:${uri}${body}`)
    const protection = qop ? `${count}:${clientNonce}:${qop}:` : ''
    const response = digested(`${secret}:${nonce}:${protection}${request}`)
    const fields = [
      ...user,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(uri)}`,
      `response="${response}"`,
      ...(challenge.algorithm === undefined ? [] : [`algorithm=${algorithmName(challenge)}`]),
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
      ...(qop ? [`qop=${qop}`, `nc=${count}`] : []),
      ...(clientNonce ? [`cnonce="${clientNonce}"`] : [])
    ]
    return `Digest ${fields.join(', ')}`
  }

  // The hash of a -sess algorithm holds the first pair of nonces (RFC 7616, 3.4.2): it cannot have another one later.
  #clientNonce({isSession}: DigestChallenge): string {
    if (!isSession) return this.#makeNonce()
    return (this.#sessionNonce ??= this.#makeNonce())
  }

  #secret(
    {hash, isSession, nonce, realm}: DigestChallenge,
    {credential, clientNonce}: {credential: Password; clientNonce: string}
  ): string {
    if (isSession && this.#sessionSecret !== undefined) return this.#sessionSecret
    const parts = [Buffer.from(`${credential.user}:`), latin1(`${realm}:`), Buffer.from(credential.password)]
    const plain = digest(hash, Buffer.concat(parts))
    if (!isSession) return plain
    return (this.#sessionSecret = digest(hash, latin1(`${plain}:${nonce}:${clientNonce}`)))
  }
}

function nameFields({hash, realm, userHash, isUnicode}: DigestChallenge, user: string): string[] | undefined {
  if (userHash) {
    const hidden = digest(hash, Buffer.concat([Buffer.from(`${user}:`), latin1(realm)]))
    return [`username="${hidden}"`, 'userhash=true']
  }
  const isPlain = /^[\x20-\x7E]*$/.test(user)
  if (isPlain) return [`username=${quoted(user)}`]
  if (isUnicode) return [`username*=UTF-8''${extended(user)}`]
  // Without a way to say so, UTF-8 is what servers expect; a control character cannot be written at all.
  if (/[\x00-\x1F\x7F]/.test(user)) return undefined
  return [`username=${quoted(Buffer.from(user).toString('latin1'))}`]
}

// RFC 8187, 3.2.1.
function extended(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  )
}

function algorithmName({hash, isSession}: DigestChallenge): string {
  return isSession ? `${hash}-sess` : hash
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

// Header text is kept as the bytes it came in.
function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function digest(hash: DigestHash, bytes: Buffer): string {
  return createHash(openSslNames[hash]).update(bytes).digest('hex')
}
