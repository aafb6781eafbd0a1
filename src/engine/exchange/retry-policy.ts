import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {TransferError, TransferErrorCode} from '../transfer-error.ts'
import {SlowTransferError} from './deadlines.ts'

const retryableCodes: ReadonlySet<TransferErrorCode> = new Set([
  'EMPTY_REPLY',
  'RECEIVE_FAILED',
  'SEND_FAILED',
  'TRANSFER_TRUNCATED',
  'TIMED_OUT',
  'CONNECT_FAILED',
  'TLS_HANDSHAKE'
])
// What a server says when later may be better; never another 4xx (R51).
const retryableStatuses = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524])
const firstDelay = 500
const longestDelay = 30_000

/** Could the same request succeed later? */
function isRetryable(error: TransferError, rules: ConfigurationKeys['retry']): boolean {
  if (error.code === 'HTTP_STATUS') return isRetryableStatus(error.status ?? 0, rules)
  if (error.code === 'HOST_NOT_RESOLVED' || error.code === 'PROXY_NOT_RESOLVED')
    return isTemporaryLookupFailure(error)
  if (rules.allErrors && error.code === 'REPLY_MALFORMED') return true
  if (error.code === 'TLS_HANDSHAKE' && !rules.allErrors) return !causeCode(error).startsWith('ERR_SSL_')
  return retryableCodes.has(error.code)
}

// A wrong password that is sent again and again locks an account.
function isRetryableStatus(status: number, {allErrors}: ConfigurationKeys['retry']): boolean {
  const wantsCredentials = status === 401 || status === 407
  return allErrors ? !wantsCredentials : retryableStatuses.has(status)
}

// RFC 9110, 9.2.2: asking these twice is asking once.
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** May a request be sent again without doing something twice? Yes when the method allows it, or nothing was sent. */
export function mayRepeat(method: string, error: TransferError): boolean {
  return idempotentMethods.has(method) || error.code === 'TLS_HANDSHAKE' || isConnectivityFailure(error)
}

/** Is the way to the server missing, so that waiting for connectivity makes sense? */
export function isConnectivityFailure(error: TransferError): boolean {
  return ['CONNECT_FAILED', 'HOST_NOT_RESOLVED', 'PROXY_NOT_RESOLVED'].includes(error.code)
}

function isTemporaryLookupFailure(error: TransferError): boolean {
  return causeCode(error) === 'EAI_AGAIN'
}

// ERR_SSL_...: the two sides speak and disagree, which no later attempt changes; a broken connection heals.
function causeCode(error: TransferError): string {
  const cause = error.cause as {cause?: {code?: string}; code?: string} | undefined
  return cause?.cause?.code ?? cause?.code ?? ''
}

/** What came of an attempt. */
export interface FailedAttempt {
  readonly error: TransferError
  /** Did it bring bytes that no attempt had brought before? */
  readonly gained: boolean
  /** Milliseconds since the task started. */
  readonly elapsed: number
}

/**
 * Counts attempts in a row without a new byte, so that a bad line cannot end a transfer that moves. Delays double from
 * half a second (or the configured delay) with jitter on top; a server's Retry-After is kept to.
 */
export class RetryBudget {
  readonly #rules: ConfigurationKeys['retry']
  readonly #random: () => number
  #fruitless = 0

  constructor(rules: ConfigurationKeys['retry'], random: () => number = Math.random) {
    this.#rules = rules
    this.#random = random
  }

  /** Milliseconds until the next attempt, or undefined when there must be none. */
  delayAfter({error, gained, elapsed}: FailedAttempt): number | undefined {
    if (!isRetryable(error, this.#rules)) return undefined
    if (gained && !(error instanceof SlowTransferError)) this.#fruitless = 0
    if (this.#fruitless >= this.#rules.attempts) return undefined
    const delay = error.retryAfter ?? this.#backoff()
    this.#fruitless += 1
    const {maxTime} = this.#rules
    return maxTime !== undefined && elapsed + delay > maxTime * 1000 ? undefined : delay
  }

  #backoff(): number {
    const base =
      this.#rules.delay === undefined ? firstDelay * 2 ** this.#fruitless : this.#rules.delay * 1000
    return Math.round(Math.min(base, longestDelay) * (1 + this.#random() / 4))
  }
}
