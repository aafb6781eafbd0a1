import type {SecureContext, SecureContextOptions} from 'node:tls'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {ConnectError} from './connect-error.ts'

/** Whose authorities count: those of the configuration (or built in), or the machine's too. */
export type Trust = 'configured' | 'system'
type Tls = typeof import('node:tls')

/** Makes what the TLS connections of a session have in common, once for each kind of trust. */
export class SecureContexts {
  readonly #keys: ConfigurationKeys['tls']
  readonly #made = new Map<Trust, SecureContext>()

  constructor(keys: ConfigurationKeys['tls']) {
    this.#keys = keys
  }

  /** Throws ConnectError of the phase identity when the client certificate or its key cannot be used. */
  of(trust: Trust, tls: Tls): SecureContext {
    const known = this.#made.get(trust)
    if (known) return known
    const {min, max, ca} = this.#keys
    const system = trust === 'system' ? {ca: authorities(tls)} : {}
    const made = tls.createSecureContext({
      ...(ca ? {ca} : system),
      ...identity(this.#keys, tls),
      ...(min ? {minVersion: min} : {}),
      ...(max ? {maxVersion: max} : {})
    })
    this.#made.set(trust, made)
    return made
  }
}

function authorities(tls: Tls): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
}

function identity({cert, key, passphrase}: ConfigurationKeys['tls'], tls: Tls): SecureContextOptions {
  if (cert === undefined) return {}
  const options = {cert, key: key ?? cert, ...(passphrase === undefined ? {} : {passphrase})}
  try {
    // On its own first: OpenSSL's errors do not say which of the options they are about.
    tls.createSecureContext(options)
  } catch (cause) {
    throw new ConnectError('identity', cause instanceof Error ? cause : new Error(String(cause)))
  }
  return options
}
