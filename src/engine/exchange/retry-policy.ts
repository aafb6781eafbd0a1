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
// Of what is tried without end: with the jitter on top, five minutes.
const longestEndlessDelay = 240_000

/** Is it the way to the server or the time on it that fails, rather than the server that answers? */
function mayHeal(error: TransferError, rules: ConfigurationKeys['retry']): boolean {
  const isAnswered = error.code === 'HTTP_STATUS' || error.code === 'REPLY_MALFORMED'
  return isConnectivityFailure(error) || (!isAnswered && isRetryable(error, rules))
}

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
  return allErrors ? !wantsCredentials : isPassingStatus(status)
}

/** Does a server that answers so say that later may be better? */
export function isPassingStatus(status: number): boolean {
  return retryableStatuses.has(status)
}

// RFC 9110, 9.2.2: asking these twice is asking once.
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** May a request with this method be sent again without doing something twice, whatever came of it before? */
export function isRepeatable(method: string): boolean {
  return idempotentMethods.has(method)
}

/** May a request be sent again without doing something twice? Yes when the method allows it, or nothing was sent. */
export function mayRepeat(method: string, error: TransferError): boolean {
  return isRepeatable(method) || error.code === 'TLS_HANDSHAKE' || isConnectivityFailure(error)
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

/** How long a session keeps trying. endless: only an answer can spend the attempts (B6). */
export type Endurance = 'counted' | 'endless'

/** What came of an attempt. */
export interface FailedAttempt {
  readonly error: TransferError
  /** Did it bring bytes that no attempt had brought before? */
  readonly gained: boolean
  /** Milliseconds since the task started. */
  readonly elapsed: number
}

export interface RetryBudgetOptions {
  /** Default: counted. */
  readonly endurance?: Endurance
  /** From 0 to 1; default: by chance. */
  readonly random?: () => number
}

/**
 * Counts attempts in a row without a new byte, so that a bad line cannot end a transfer that moves. Delays double from
 * half a second (or the configured delay) with jitter on top; a server's Retry-After is kept to.
 */
export class RetryBudget {
  readonly #rules: ConfigurationKeys['retry']
  readonly #endurance: Endurance
  readonly #random: () => number
  #fruitless = 0
  /** Failures in a row, without a new byte, that spend nothing. */
  #free = 0

  constructor(
    rules: ConfigurationKeys['retry'],
    {endurance = 'counted', random = Math.random}: RetryBudgetOptions = {}
  ) {
    this.#rules = rules
    this.#endurance = endurance
    this.#random = random
  }

  /** Milliseconds until the next attempt, or undefined when there must be none. */
  delayAfter({error, gained, elapsed}: FailedAttempt): number | undefined {
    if (gained && !(error instanceof SlowTransferError)) this.#fruitless = this.#free = 0
    if (this.#endurance === 'endless' && mayHeal(error, this.#rules)) return this.#endlessDelay()
    if (!isRetryable(error, this.#rules)) return undefined
    if (this.#fruitless >= this.#rules.attempts) return undefined
    const delay = error.retryAfter ?? this.#backoff()
    this.#fruitless += 1
    const {maxTime} = this.#rules
    return maxTime !== undefined && elapsed + delay > maxTime * 1000 ? undefined : delay
  }

  #backoff(): number {
    const base =
      this.#rules.delay === undefined ? firstDelay * 2 ** this.#fruitless : this.#rules.delay * 1000
    return this.#withJitter(Math.min(base, longestDelay))
  }

  // A delay of one's own holds for as many attempts as there would be; then it doubles, so that nobody is asked for ever
  // without a pause.
  #endlessDelay(): number {
    const {attempts, delay} = this.#rules
    const failures = this.#free++
    const isOwn = delay !== undefined && failures < attempts
    const first = Math.max(firstDelay, (delay ?? 0) * 1000)
    const doublings = delay === undefined ? failures : failures - attempts
    const base = isOwn ? delay * 1000 : first * 2 ** doublings
    return this.#withJitter(Math.min(base, longestEndlessDelay))
  }

  #withJitter(delay: number): number {
    return Math.round(delay * (1 + this.#random() / 4))
  }
}
