import type {Challenge} from '../../fields/www-authenticate.ts'
import {TransferError} from '../../transfer-error.ts'
import {offersOf} from './offers.ts'
import type {Offer} from './offers.ts'
import type {Asked} from './authenticator.ts'

const names = {Negotiate: 'Kerberos (Negotiate)', NTLM: 'NTLM'} as const

/** What to say of a 401 that only a login of the system would have answered; undefined for all others. */
export function loginWanted(offers: readonly Offer[], {response, attempt}: Asked): TransferError | undefined {
  const methods = offers.flatMap(({method}) => (method === 'Negotiate' || method === 'NTLM' ? [method] : []))
  if (methods.length < offers.length) return undefined
  const {hostname} = response.url
  if (attempt?.negotiation) {
    const hint = 'Ask its operator who may come in; klist shows who you are.'
    return new TransferError('HTTP_STATUS', `${hostname} does not take the login of this system`, {hint})
  }
  const wanted = [...new Set(methods)].map(method => names[method]).join(' or ')
  const hint =
    '--negotiate signs in with your Kerberos ticket (kinit), or with the NTLM login of gss-ntlmssp.'
  return new TransferError('HTTP_STATUS', `${hostname} wants ${wanted}`, {hint})
}

const mostNamed = 3

/** What to say of a 401 that offers nothing which may be used here; undefined where it offers nothing at all. */
export function nothingUsable(
  challenges: readonly Challenge[],
  {response}: Asked
): TransferError | undefined {
  const schemes = [...new Set(challenges.map(({scheme}) => scheme.slice(0, 20)))].slice(0, mostNamed)
  if (schemes.length === 0) return undefined
  const hint =
    offersOf(challenges).length > 0
      ? 'Only Digest may answer: leave --digest out if the server may see the password itself.'
      : 'What ferry answers: Basic, Bearer, Negotiate, NTLM, and Digest with MD5, SHA-256 or SHA-512-256.'
  const message = `${response.url.hostname} offers ${schemes.join(', ')}, which cannot be used`
  return new TransferError('HTTP_STATUS', message, {hint})
}
