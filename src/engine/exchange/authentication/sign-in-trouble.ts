import {TransferError} from '../../transfer-error.ts'
import type {NegotiationOptions} from './negotiation.ts'

export interface Service extends Pick<NegotiationOptions, 'host' | 'method'> {
  /** later: the server has already said something. Default: first. */
  readonly turn?: 'first' | 'later'
}

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

const refusal = {
  reason: 'it does not take the login of this system',
  hint: 'Ask its operator who may come in; klist shows who you are.'
}

const ntlmHint =
  'Ask its operator for Kerberos. Or install gss-ntlmssp, and name a file with DOMAIN:USER:PASSWORD in NTLM_USER_FILE.'

/** What the server of a service wants, as the beginning of a sentence. */
export function wish({host, method}: Service): string {
  return `${host} wants ${method === 'NTLM' ? method : 'Kerberos (Negotiate)'}`
}

/** Why the system's login does not open this server. The libraries tell their reasons in words alone. */
export function signInTrouble(service: Service, cause: unknown): TransferError {
  const {reason, hint} = troubleOf(service, cause instanceof Error ? cause.message : '')
  return new TransferError('HTTP_STATUS', `${wish(service)}, and ${reason}`, {hint, cause})
}

function troubleOf({method, turn}: Service, words: string): Omit<Trouble, 'words'> {
  if (method === 'NTLM') return {reason: 'there is no login for it here', hint: ntlmHint}
  const known = kerberosTroubles.find(trouble => trouble.words.test(words))
  if (known) return known
  if (turn === 'later') return refusal
  const reason = words.replace(/^Unspecified GSS failure\..*?: /, '')
  return {reason, hint: 'klist shows your tickets.'}
}
