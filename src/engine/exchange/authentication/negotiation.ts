import type {Credential} from '../../authentication-challenge.ts'

/** One sign-in by Negotiate or NTLM: tokens go to and fro until both sides are content (RFC 4559; MS-NLMP). */
export interface Negotiation {
  /** Takes the server's token (undefined at first) and resolves to the one to send; undefined: there is no more to say. */
  step(token: string | undefined): Promise<string | undefined>
  /** Has our side said all it has to say? */
  readonly isWhole: boolean
}

export interface NegotiationOptions {
  /** The host's name as it was asked for: the service principal is made of it. */
  readonly host: string
  readonly method: 'Negotiate' | 'NTLM'
  /** A ticket, or name and password. */
  readonly credential: Credential
}
