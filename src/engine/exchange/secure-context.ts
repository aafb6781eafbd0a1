import type {SecureContext, SecureContextOptions} from 'node:tls'
import type {CertificateCredential} from '../authentication-challenge.ts'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {ConnectError} from './connect-error.ts'

/** Whose authorities count: those of the configuration (or built in), or the machine's too. */
export type Trust = 'configured' | 'system'
/** Who is on the other side. A proxy is shown no client certificate, and authorities of the configuration come beside the others. */
export type Counterpart = 'origin' | 'proxy'
type Tls = typeof import('node:tls')

/** Makes what the TLS connections of a session have in common, once for each kind of trust and counterpart. */
export class SecureContexts {
  readonly #keys: ConfigurationKeys['tls']
  readonly #tls: Tls
  readonly #made = new Map<string, SecureContext>()

  constructor(keys: ConfigurationKeys['tls'], tls: Tls) {
    this.#keys = keys
    this.#tls = tls
  }

  /** Throws ConnectError of the phase identity when the client certificate or its key cannot be used. */
  of(trust: Trust, counterpart: Counterpart): SecureContext {
    const name = `${trust} ${counterpart}`
    const known = this.#made.get(name)
    if (known) return known
    const {min, max} = this.#keys
    const made = this.#tls.createSecureContext({
      ...this.#authorities(trust, counterpart),
      ...(counterpart === 'origin' ? identity(this.#keys, this.#tls) : {}),
      ...(min ? {minVersion: min} : {}),
      ...(max ? {maxVersion: max} : {})
    })
    this.#made.set(name, made)
    return made
  }

  #authorities(trust: Trust, counterpart: Counterpart): SecureContextOptions {
    const {ca} = this.#keys
    if (ca !== undefined && counterpart === 'origin') return {ca}
    const own = ca === undefined ? [] : [ca]
    if (trust === 'system') return {ca: [...new Set([...this.#known(), ...own])]}
    return ca === undefined ? {} : {ca: [...this.#tls.getCACertificates('default'), ca]}
  }

  #known(): readonly string[] {
    return [...this.#tls.getCACertificates('default'), ...this.#tls.getCACertificates('system')]
  }
}

/** Is there a client certificate that could be shown? */
export function hasIdentity({cert, pkcs12}: ConfigurationKeys['tls']): boolean {
  return cert !== undefined || pkcs12 !== undefined
}

/** The keys with this client certificate, and no other. */
export function showing(
  keys: ConfigurationKeys,
  identity: CertificateCredential | undefined
): ConfigurationKeys {
  const nobody = {cert: undefined, key: undefined, pkcs12: undefined, passphrase: undefined}
  const {kind: _kind, ...shown} = identity ?? {}
  return {...keys, tls: {...keys.tls, ...nobody, ...shown}}
}

function identity(keys: ConfigurationKeys['tls'], tls: Tls): SecureContextOptions {
  if (!hasIdentity(keys)) return {}
  const {cert, key, pkcs12, passphrase} = keys
  const pair = pkcs12 === undefined ? {cert, key: key ?? cert} : {pfx: Buffer.from(pkcs12, 'base64')}
  const options: SecureContextOptions = {...pair, ...(passphrase === undefined ? {} : {passphrase})}
  try {
    // On its own first: OpenSSL's errors do not say which of the options they are about.
    tls.createSecureContext(options)
  } catch (cause) {
    throw new ConnectError('identity', cause instanceof Error ? cause : new Error(String(cause)))
  }
  return options
}
