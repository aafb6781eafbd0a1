import {readDigestChallenge} from '../../fields/digest-challenge.ts'
import type {DigestChallenge, DigestHash} from '../../fields/digest-challenge.ts'
import type {Challenge} from '../../fields/www-authenticate.ts'

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
