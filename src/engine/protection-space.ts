import type {ProtectionSpace} from './authentication-challenge.ts'

/** Exactly the same: scheme, host, port, realm, method (NSURLProtectionSpace). */
export function isSameSpace(one: ProtectionSpace, other: ProtectionSpace): boolean {
  return (
    one.protocol === other.protocol &&
    one.host === other.host &&
    one.port === other.port &&
    one.realm === other.realm &&
    one.method === other.method &&
    one.isProxy === other.isProxy
  )
}

/** The root of the server that a space is on. */
export function addressOfSpace({protocol, host, port}: ProtectionSpace): URL {
  return new URL(`${protocol}://${host}:${port}`)
}
