import {TransferError} from '../../transfer-error.ts'
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
