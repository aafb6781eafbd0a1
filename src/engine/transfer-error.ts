/** Every way a transfer can fail. The command line gives each code its exit number and its advice. */
export const transferErrorCodes = [
  'UNSUPPORTED_SCHEME',
  'USAGE',
  'CONFIGURATION_REFUSED',
  'URL_MALFORMED',
  'PROXY_NOT_RESOLVED',
  'HOST_NOT_RESOLVED',
  'CONNECT_FAILED',
  'REPLY_MALFORMED',
  'TRANSFER_TRUNCATED',
  'HTTP_STATUS',
  'WRITE_FAILED',
  'NO_SPACE',
  'READ_FAILED',
  'SOURCE_CHANGED',
  'TIMED_OUT',
  'RANGE_REFUSED',
  'RESOURCE_CHANGED',
  'TLS_HANDSHAKE',
  'CERTIFICATE_REFUSED',
  'CLIENT_CERTIFICATE',
  'CA_FILE',
  'PIN_MISMATCH',
  'TOO_MANY_REDIRECTS',
  'EMPTY_REPLY',
  'SEND_FAILED',
  'RECEIVE_FAILED',
  'CONTENT_CODING',
  'FILE_TOO_LARGE',
  'HEADERS_TOO_LARGE',
  'PROXY_HANDSHAKE',
  'CHECKSUM_MISMATCH',
  'NOT_RESUMABLE',
  'RESUME_DATA_INVALID',
  'BUSY',
  'REFUSED',
  'DESTINATION_EXISTS',
  'CANCELLED',
  'TASK_UNKNOWN',
  'SESSION_UNKNOWN',
  'SESSION_INVALIDATED',
  'DAEMON_UNREACHABLE'
] as const

export type TransferErrorCode = (typeof transferErrorCodes)[number]

/** The facts of a failure that do not fit into its sentence. */
export interface TransferErrorFacts {
  /** The URL of the hop that failed. May carry secrets: mask it before showing it. */
  readonly url?: URL | string
  readonly method?: string
  /** The HTTP status, when the server gave one. */
  readonly status?: number
  /** Milliseconds the server asked to wait (RFC 9110, 10.2.3). */
  readonly retryAfter?: number
  /** Beginning of the error body, as received. Never print it raw. */
  readonly body?: string
  /** What to do next, where the general advice of the code would be too vague. */
  readonly hint?: string
  readonly cause?: unknown
}

/** The one error of the engine: the code is the API, the message is for a person, the cause is kept. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: TransferErrorCode
  readonly url: string | undefined
  readonly method: string | undefined
  readonly status: number | undefined
  readonly retryAfter: number | undefined
  readonly body: string | undefined
  readonly hint: string | undefined

  constructor(code: TransferErrorCode, message: string, facts: TransferErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : {cause: facts.cause})
    this.code = code
    this.url = facts.url === undefined ? undefined : String(facts.url)
    this.method = facts.method
    this.status = facts.status
    this.retryAfter = facts.retryAfter
    this.body = facts.body
    this.hint = facts.hint
  }
}
