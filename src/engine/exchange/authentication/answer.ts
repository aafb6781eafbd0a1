import type {AuthenticationMethod, Credential} from '../../authentication-challenge.ts'
import {readDigestChallenge} from '../../fields/digest-challenge.ts'
import type {DigestChallenge, DigestHash} from '../../fields/digest-challenge.ts'
import type {Challenge} from '../../fields/www-authenticate.ts'
import {basicAuthorization, bearerAuthorization} from './authorization.ts'
import type {DigestState, SignedRequest} from './digest.ts'

/** Methods that one request answers by itself; Negotiate and NTLM take turns with the server. */
export type ImmediateMethod = 'Digest' | 'Bearer' | 'Basic'

export interface Challenged {
  readonly challenges: readonly Challenge[]
  readonly credential: Credential
  readonly request: SignedRequest
  /** Of the space that asks; it takes the challenge that is answered. */
  readonly state: DigestState
  /** What may be used. Default: everything. */
  readonly methods?: readonly AuthenticationMethod[]
}

export interface Answered {
  readonly scheme: ImmediateMethod
  /** The value of Authorization or Proxy-Authorization. */
  readonly value: string
}

/** Answers the strongest of the challenges that the credential fits (401 and 407 alike); undefined when none does. */
export function answerChallenge(challenged: Challenged): Answered | undefined {
  const {challenges, credential, request, state} = challenged
  for (const offer of offersOf(challenges)) {
    if (!mayUse(offer.method, challenged)) continue
    if (offer.method === 'Digest' && credential.kind === 'password') {
      state.adopt(offer.digest)
      const value = state.answer(request, credential)
      if (value !== undefined) return {scheme: 'Digest', value}
    }
    if (offer.method === 'Bearer' && credential.kind === 'bearer')
      return {scheme: 'Bearer', value: bearerAuthorization(credential.token)}
    if (offer.method === 'Basic' && credential.kind === 'password')
      return {scheme: 'Basic', value: basicAuthorization(credential)}
  }
  return undefined
}

/** A challenge that could be answered, had one the credential. */
export type Offer =
  | {readonly method: 'Negotiate' | 'NTLM'; readonly realm: undefined; readonly token: string | undefined}
  | {readonly method: 'Digest'; readonly realm: string; readonly digest: DigestChallenge}
  | {readonly method: 'Bearer' | 'Basic'; readonly realm: string | undefined}

/** The challenges that this engine can answer, the strongest first. */
export function offersOf(challenges: readonly Challenge[]): readonly Offer[] {
  return challenges
    .map(offerOf)
    .filter(offer => offer !== undefined)
    .toSorted((one, other) => rankOf(one) - rankOf(other))
}

function mayUse(method: AuthenticationMethod, {methods}: Challenged): boolean {
  return methods === undefined || methods.includes(method)
}

function offerOf(challenge: Challenge): Offer | undefined {
  const realm = challenge.parameters.get('realm')
  switch (challenge.scheme.toLowerCase()) {
    case 'negotiate':
      return {method: 'Negotiate', realm: undefined, token: challenge.token68}
    case 'ntlm':
      return {method: 'NTLM', realm: undefined, token: challenge.token68}
    case 'digest': {
      const digest = readDigestChallenge(challenge)
      return digest && {method: 'Digest', realm: digest.realm, digest}
    }
    case 'bearer':
      return {method: 'Bearer', realm}
    case 'basic':
      return {method: 'Basic', realm}
    default:
      return undefined
  }
}

const hashRank: Readonly<Record<DigestHash, number>> = {'SHA-512-256': 1, 'SHA-256': 2, MD5: 3}

function rankOf(offer: Offer): number {
  switch (offer.method) {
    case 'Negotiate':
      return 0
    case 'Digest':
      return hashRank[offer.digest.hash]
    case 'NTLM':
      return 4
    case 'Bearer':
      return 5
    case 'Basic':
      return 6
  }
}
