import type {TransferError} from './transfer-error.ts'
import type {URLResponse} from './url-request.ts'

/** How somebody proves who they are (NSURLAuthenticationMethod). */
export type AuthenticationMethod =
  'Basic' | 'Digest' | 'Bearer' | 'Negotiate' | 'NTLM' | 'ServerTrust' | 'ClientCertificate'

/** Where a credential is good for (NSURLProtectionSpace; RFC 9110, 11.5). */
export interface ProtectionSpace {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** As the server sent it: untrusted text. Absent where the method has none. */
  readonly realm: string | undefined
  readonly method: AuthenticationMethod
  readonly isProxy: boolean
}

/** What answers a challenge (NSURLCredential). */
export type Credential =
  | {readonly kind: 'password'; readonly user: string; readonly password: string}
  | {readonly kind: 'bearer'; readonly token: string}
  /** The ticket of the user's own Kerberos login. */
  | {readonly kind: 'ticket'}
  /** For ServerTrust: take the certificate as it is, for this connection. */
  | {readonly kind: 'trust'}
  | CertificateCredential

/** For ClientCertificate: PEM texts, or PKCS#12 in base64. Shown to the origin that asked, for the task that was asked. */
export type CertificateCredential = {
  readonly kind: 'certificate'
  /** Opens the key. */
  readonly passphrase?: string
} & (
  | {
      /** With its chain. */
      readonly cert: string
      /** Absent: it is in cert. */
      readonly key?: string
    }
  | {readonly pkcs12: string}
)

/** What one task brings to answer challenges of the origin it asks (curl's -u with --digest or --anyauth). */
export interface TaskAuthentication {
  /** undefined: the methods are for whatever the session has (curl's -n with --digest). */
  readonly credential: Credential | undefined
  /**
   * preemptive: Basic or Bearer with the first request already, and an answer to other challenges too. digest: Digest
   * alone. any: the strongest method the server offers, after a first request without.
   */
  readonly methods: 'preemptive' | 'digest' | 'any'
}

/**
 * Somebody asks who we are, or wants to be trusted (NSURLAuthenticationChallenge). ServerTrust, ClientCertificate,
 * Negotiate and NTLM are the session's, all others the task's (R33, R34).
 */
export interface AuthenticationChallenge {
  readonly scope: 'session' | 'task'
  readonly protectionSpace: ProtectionSpace
  /** What would be tried next if nobody objects. */
  readonly proposedCredential: Credential | undefined
  readonly previousFailureCount: number
  readonly failureResponse: URLResponse | undefined
  /** Why a certificate is not trusted. */
  readonly error: TransferError | undefined
}

/** performDefaultHandling: as if nobody had been asked. rejectProtectionSpace: try the next method the server offers. */
export type ChallengeDecision =
  | {readonly disposition: 'useCredential'; readonly credential: Credential}
  | {readonly disposition: 'performDefaultHandling' | 'cancel' | 'rejectProtectionSpace'}
