/** An error of the way to the server, so that the translation knows the phase it came from. */
export class ConnectError extends Error {
  /** identity: the client certificate could not be used, before anybody was asked. */
  readonly phase: 'identity' | 'lookup' | 'connect' | 'secure'
  override readonly cause: NodeJS.ErrnoException

  constructor(phase: ConnectError['phase'], cause: NodeJS.ErrnoException) {
    super(cause.message)
    this.phase = phase
    this.cause = cause
  }
}
