/** Basic (RFC 7617), in UTF-8 as everybody does. */
export function basicAuthorization({user, password}: {user: string; password: string}): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Bearer (RFC 6750, 2.1). */
export function bearerAuthorization(token: string): string {
  return `Bearer ${token}`
}
