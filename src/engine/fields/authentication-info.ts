import {parseChallenges} from './www-authenticate.ts'

/** What a server says after a successful sign-in with Digest (RFC 7616, 3.5). */
export interface AuthenticationInfo {
  /** The nonce to use from now on. */
  readonly nextNonce: string | undefined
  /** The server's own proof that it knows the secret. */
  readonly responseAuth: string | undefined
}

/** Reads Authentication-Info (or Proxy-Authentication-Info). What cannot be read is absent. */
export function parseAuthenticationInfo(value: string): AuthenticationInfo {
  // A list of parameters is a challenge without the name of its scheme.
  const parameters = parseChallenges([`Digest ${value}`])[0]?.parameters
  return {nextNonce: parameters?.get('nextnonce'), responseAuth: parameters?.get('rspauth')}
}
