import {isPassphraseExposed} from './client-certificate.ts'
import type {CertificateFlags} from './client-certificate.ts'
import {proxyWarnings} from './proxy-arguments.ts'
import type {ProxyFlags} from './proxy-arguments.ts'

/** What a person should be told about the connections that the flags ask for. */
export function connectionWarnings(
  flags: CertificateFlags & ProxyFlags & {readonly insecure?: true}
): readonly string[] {
  const warnings = [...proxyWarnings(flags)]
  if (flags.insecure) {
    warnings.push('-k: the certificate is not checked; anybody on the way can read and change this transfer')
  }
  if (isPassphraseExposed(flags)) {
    warnings.push(
      '--cert: a passphrase on the command line can be seen in the process list; FILE:@FILE, FILE:env:NAME or FILE:- hide it'
    )
  }
  return warnings
}
