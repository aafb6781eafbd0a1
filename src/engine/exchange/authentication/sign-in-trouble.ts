import {TransferError} from '../../transfer-error.ts'
import type {NegotiationOptions} from './negotiation.ts'

export type Service = Pick<NegotiationOptions, 'host' | 'method'>

interface Trouble {
  readonly words: RegExp
  readonly reason: string
  readonly hint: string
}

const kerberosTroubles: readonly Trouble[] = [
  {words: /expired/, reason: 'the ticket has expired', hint: 'Log in again: kinit'},
  {
    words: /No credentials|cannot find mechanisms/,
    reason: 'there is no ticket',
    hint: 'Log in first: kinit. klist shows what you have.'
  },
  {
    words: /not found in Kerberos database/,
    reason: 'the realm does not know a service HTTP of this name',
    hint: 'Use the host name that the server is registered under, or have it registered.'
  },
  {
    words: /failed to negotiate a mechanism/,
    reason: 'it does not take the kind of login that is here',
    hint: 'Ask its operator what it takes; klist shows what you have.'
  },
  {
    words: /KDC|configuration|realm/i,
    reason: 'the key distribution centre cannot be asked',
    hint: 'Check krb5.conf, and that its key distribution centre can be reached.'
  }
]

const ntlmHint =
  'Ask its operator for Kerberos. Or install gss-ntlmssp, and name a file with DOMAIN:USER:PASSWORD in NTLM_USER_FILE.'

/** Why the system's login does not open this server. The libraries tell their reasons in words alone. */
export function signInTrouble({host, method}: Service, cause: unknown): TransferError {
  const words = cause instanceof Error ? cause.message : ''
  if (method === 'NTLM')
    return new TransferError('HTTP_STATUS', `${host} wants NTLM, and there is no login for it here`, {
      hint: ntlmHint,
      cause
    })
  const known = kerberosTroubles.find(trouble => trouble.words.test(words))
  const {reason, hint} = known ?? {reason: words, hint: 'klist shows your tickets.'}
  return new TransferError('HTTP_STATUS', `${host} wants Kerberos (Negotiate), and ${reason}`, {hint, cause})
}
