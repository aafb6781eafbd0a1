/** What else is known of a failure. */
export interface ConnectFacts {
  /** host:port of the proxy, where it is the proxy that could not be reached or trusted. */
  readonly proxy?: string | undefined
  /** SHA-256 fingerprint of the certificate that was refused. */
  readonly certificate?: string | undefined
  /** The version of TLS, as far as it was agreed on. */
  readonly version?: string | undefined
}

/** An error of the way to the server, so that the translation knows the phase it came from. */
export class ConnectError extends Error {
  /** identity: the client certificate could not be used, before anybody was asked. */
  readonly phase: 'identity' | 'lookup' | 'connect' | 'secure'
  override readonly cause: NodeJS.ErrnoException
  readonly proxy: string | undefined
  readonly certificate: string | undefined
  readonly version: string | undefined

  constructor(phase: ConnectError['phase'], cause: NodeJS.ErrnoException, facts: ConnectFacts = {}) {
    super(cause.message)
    this.phase = phase
    this.cause = cause
    this.proxy = facts.proxy
    this.certificate = facts.certificate
    this.version = facts.version
  }
}
