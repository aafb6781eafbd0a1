import type {AuthenticationMethod, Credential, ProtectionSpace} from '../../authentication-challenge.ts'
import type {DigestState} from './digest.ts'
import type {Negotiation} from './negotiation.ts'

/** Where a credential comes from. */
export type CredentialSource = 'task' | 'address' | 'configuration' | 'netrc' | 'store' | 'delegate'

export interface KnownCredential {
  readonly credential: Credential
  readonly source: CredentialSource
}

/** One request's way to say who asks. */
export interface Attempt extends KnownCredential {
  /** The value of Authorization. */
  readonly value: string
  readonly method: AuthenticationMethod
  /** What it answers; undefined where nobody had asked yet. */
  readonly space: ProtectionSpace | undefined
  /** What it goes by: a challenge to this request, what was accepted before nearby, or nothing that the server has said. */
  readonly basis: 'challenge' | 'memory' | 'nothing'
  readonly digest?: DigestState | undefined
  readonly negotiation?: Negotiation
}

/** Can this credential answer this method at all? */
export function fits(method: AuthenticationMethod, {kind}: Credential): boolean {
  switch (method) {
    case 'Basic':
    case 'Digest':
      return kind === 'password'
    case 'Bearer':
      return kind === 'bearer'
    case 'Negotiate':
    case 'NTLM':
      return kind === 'ticket' || kind === 'password'
    case 'ServerTrust':
    case 'ClientCertificate':
      return false
  }
}
