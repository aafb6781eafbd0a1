import {X509Certificate} from 'node:crypto'
import type {SecureContextOptions} from 'node:tls'
import {TransferError} from '../../engine/index.ts'
import type {ConfigurationKeys} from '../../engine/index.ts'
import {printable} from '../../ui/printable.ts'
import {finding, problem, warning} from './finding.ts'
import type {Finding} from './finding.ts'

type Tls = typeof import('node:tls')
type TlsKeys = ConfigurationKeys['tls']

/** Whom TLS connections to an address trust, and who they show. */
export async function inspectTrust(keys: TlsKeys, url: URL): Promise<readonly Finding[]> {
  if (url.protocol !== 'https:') return []
  const tls = await import('node:tls')
  return [...authorities(keys, tls), versions(keys, tls), ...pins(keys), ...identity(keys, tls)]
}

function authorities({ca, insecure}: TlsKeys, tls: Tls): readonly Finding[] {
  if (insecure) {
    const hint = 'Leave -k out; --cacert FILE trusts an authority of your own.'
    return [warning('trust', '-k: any certificate is accepted, so the server may be anybody', hint)]
  }
  if (ca !== undefined) {
    const count = ca.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0
    const others = 'and neither the built-in ones nor the system’s'
    return [
      finding(
        'trust',
        'ok',
        `trusted: ${number(count, 'authority', 'authorities')} of the configuration, ${others}`
      )
    ]
  }
  const [known, system] = [tls.getCACertificates('default').length, tls.getCACertificates('system').length]
  return [
    finding(
      'trust',
      'ok',
      `trusted: ${number(known, 'authority', 'authorities')} known to Node, and where they do not suffice the ${system} of the system`
    )
  ]
}

function versions({min, max}: TlsKeys, tls: Tls): Finding {
  const [lowest, highest] = [min ?? tls.DEFAULT_MIN_VERSION, max ?? tls.DEFAULT_MAX_VERSION]
  const range = lowest === highest ? `${lowest} only` : `${lowest} to ${highest}`
  return finding('trust', 'ok', `spoken: ${range.replaceAll('TLSv', 'TLS ')}`)
}

function pins({pins: pinned}: TlsKeys): readonly Finding[] {
  if (pinned.length === 0) return []
  return [
    finding('trust', 'ok', `pinned: the server must have ${number(pinned.length, 'key', 'of these keys')}`)
  ]
}

function identity(keys: TlsKeys, tls: Tls): readonly Finding[] {
  const {cert, key, pkcs12, passphrase} = keys
  if (cert === undefined && pkcs12 === undefined) return [finding('trust', 'ok', 'client certificate: none')]
  const pair: SecureContextOptions =
    pkcs12 === undefined ? {cert, key: key ?? cert} : {pfx: Buffer.from(pkcs12, 'base64')}
  try {
    tls.createSecureContext({...pair, ...(passphrase !== undefined && {passphrase})})
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `The client certificate cannot be used with its key: ${why}`
    const hint = 'Check that both belong together, and the passphrase.'
    return [problem('trust', new TransferError('CLIENT_CERTIFICATE', message, {hint}))]
  }
  return cert === undefined
    ? [finding('trust', 'ok', 'client certificate: of the PKCS#12 file, which opens')]
    : shown(new X509Certificate(cert))
}

function shown({subject, validFrom, validTo}: X509Certificate): readonly Finding[] {
  const name = printable(subject.replaceAll('\n', ', '))
  const now = Date.now()
  if (Date.parse(validTo) < now) {
    const hint = 'Servers refuse it: get a new one.'
    return [warning('trust', `client certificate: ${name}, expired on ${validTo}`, hint)]
  }
  if (Date.parse(validFrom) > now) {
    const hint = 'Servers refuse it until then: check the clock.'
    return [warning('trust', `client certificate: ${name}, not valid before ${validFrom}`, hint)]
  }
  return [
    finding('trust', 'ok', `client certificate: ${name}, valid until ${validTo}; its key belongs to it`)
  ]
}

function number(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`
}
