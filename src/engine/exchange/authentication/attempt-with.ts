import type {Credential, ProtectionSpace} from '../../authentication-challenge.ts'
import type {Task} from '../../task.ts'
import {portOf} from '../../url-request.ts'
import type {URLRequest} from '../../url-request.ts'
import type {Offer} from './offers.ts'
import {fits} from './attempt.ts'
import type {Attempt, KnownCredential} from './attempt.ts'
import {basicAuthorization, bearerAuthorization} from './authorization.ts'
import {DigestState} from './digest.ts'
import {entityDigest} from './entity-digest.ts'
import {targetOf} from './identity.ts'

export interface Choice {
  readonly known: KnownCredential
  readonly offer: Offer
  readonly space: ProtectionSpace
  readonly request: URLRequest
}

/** Answers an offer; undefined where the credential cannot. */
export async function attemptWith(task: Task, choice: Choice): Promise<Attempt | undefined> {
  const {known, offer, space, request} = choice
  const {credential} = known
  if (!fits(offer.method, credential)) return undefined
  const attempt = {...known, method: offer.method, space, basis: 'challenge'} as const
  switch (offer.method) {
    case 'Negotiate':
    case 'NTLM':
      return negotiated(offer.method, choice)
    case 'Digest': {
      if (credential.kind !== 'password') return undefined
      const digest = task.session.signIns.digestOf(space, credential) ?? new DigestState()
      digest.adopt(offer.digest)
      return digested({...attempt, credential, digest}, request)
    }
    case 'Bearer':
      return credential.kind === 'bearer'
        ? {...attempt, value: bearerAuthorization(credential.token)}
        : undefined
    case 'Basic':
      return credential.kind === 'password' ? {...attempt, value: basicAuthorization(credential)} : undefined
  }
}

/** Goes on with an attempt that was not refused: with the server's next token, or with a new nonce for an old one. */
export async function continued(
  attempt: Attempt,
  {offers, request}: {offers: readonly Offer[]; request: URLRequest}
): Promise<Attempt | undefined> {
  const {credential, digest, negotiation} = attempt
  for (const offer of offers) {
    if (offer.method !== attempt.method) continue
    if (offer.method === 'Digest' && digest && credential.kind === 'password') {
      const before = digest.challenge
      if (offer.realm !== before?.realm || offer.digest.hash !== before.hash) continue
      const isOver = attempt.basis === 'memory' && offer.digest.nonce !== before.nonce
      if (!offer.digest.isStale && !isOver) return undefined
      digest.adopt(offer.digest)
      return digested({...attempt, credential, digest}, request)
    }
    if (
      (offer.method === 'Negotiate' || offer.method === 'NTLM') &&
      negotiation &&
      offer.token !== undefined
    ) {
      const token = await negotiation.step(offer.token)
      return token === undefined ? undefined : {...attempt, value: `${offer.method} ${token}`}
    }
  }
  return undefined
}

/** The protection space that an offer is made for. */
export function spaceOf({protocol, hostname, port}: URL, {method, realm}: Offer): ProtectionSpace {
  const isSecure = protocol === 'https:'
  return {
    protocol: isSecure ? 'https' : 'http',
    host: hostname,
    port: portOf({protocol, port}),
    realm,
    method,
    isProxy: false
  }
}

type Digested = Omit<Attempt, 'value' | 'credential' | 'digest'> & {
  readonly credential: Extract<Credential, {kind: 'password'}>
  readonly digest: DigestState
}

async function digested(attempt: Digested, {method, url, body}: URLRequest): Promise<Attempt | undefined> {
  const {digest, credential} = attempt
  const isWhole = digest.challenge?.qop === 'auth-int' && body !== undefined
  const entity = isWhole ? await entityDigest(body, digest.challenge.hash) : undefined
  const value = digest.answer({method, uri: targetOf(url), entity}, credential)
  return value === undefined ? undefined : {...attempt, value, basis: 'challenge'}
}

async function negotiated(
  method: 'Negotiate' | 'NTLM',
  {known, space, request}: Choice
): Promise<Attempt | undefined> {
  const {beginNegotiation} = await import('./negotiate.ts')
  const negotiation = await beginNegotiation({
    host: request.url.hostname,
    method,
    credential: known.credential
  })
  const token = await negotiation.step(undefined)
  return token === undefined
    ? undefined
    : {...known, method, space, basis: 'challenge', negotiation, value: `${method} ${token}`}
}
