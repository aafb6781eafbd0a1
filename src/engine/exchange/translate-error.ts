import {TransferError} from '../transfer-error.ts'
import type {TransferErrorCode} from '../transfer-error.ts'
import {portOf} from '../url-request.ts'
import type {URLRequest} from '../url-request.ts'
import {ConnectError} from './connect-error.ts'
import {ProxyAuthenticationRequired} from './proxy/connect-tunnel.ts'

/** How far an exchange had come when it failed. */
export type ExchangePhase = 'connecting' | 'sending' | 'awaitingHead' | 'receiving'

interface Coded extends Error {
  readonly code?: string
}

/** The one place where errors of sockets, TLS and the HTTP parser become ours. */
export function translateError(
  error: unknown,
  {request, phase}: {request: URLRequest; phase: ExchangePhase}
): TransferError {
  if (error instanceof TransferError) return locate(error, request)
  const coded = error instanceof Error ? (error as Coded) : new Error(String(error))
  const [code, message, hint] = failureOf(coded, {request, phase})
  const facts = {url: request.url, method: request.method, cause: error}
  return new TransferError(code, message, hint === undefined ? facts : {...facts, hint})
}

function failureOf(error: Coded, {request, phase}: {request: URLRequest; phase: ExchangePhase}): Failure {
  if (error instanceof ProxyAuthenticationRequired) return proxyDemand(error)
  if (!(error instanceof ConnectError)) return lateTlsFailure(error) ?? exchangeFailure(error, phase)
  return error.proxy === undefined ? connectFailure(error, request.url) : proxyFailure(error, error.proxy)
}

function locate(error: TransferError, request: URLRequest): TransferError {
  if (error.url !== undefined) return error
  return Object.assign(error, {url: request.url.href, method: request.method})
}

type Failure = readonly [code: TransferErrorCode, message: string, hint?: string | undefined]

function connectFailure({phase, cause}: ConnectError, url: URL): Failure {
  const code = firstCode(cause)
  if (phase === 'identity') return ['CLIENT_CERTIFICATE', identityFailure(code, cause)]
  if (phase === 'secure') return tlsFailure(code, cause)
  if (code === 'ENOTFOUND') return ['HOST_NOT_RESOLVED', `The host name ${url.hostname} does not exist`]
  if (code === 'EAI_AGAIN')
    return ['HOST_NOT_RESOLVED', `The host name ${url.hostname} could not be looked up now`]
  if (code === 'ETIMEDOUT')
    return ['TIMED_OUT', cause.message || 'The server did not take the connection in time']
  const host = `${url.hostname} port ${portOf(url)}`
  if (code === 'ECONNREFUSED') return ['CONNECT_FAILED', `${host} refused the connection`]
  return ['CONNECT_FAILED', `No connection to ${host} (${code || cause.message})`]
}

/**
 * Did the server break off the handshake for want of a client certificate that it likes? In TLS 1.2 one that is missing
 * looks like any other disagreement that comes after the version was agreed on.
 */
export function wantsClientCertificate(error: Error): boolean {
  if (!(error instanceof ConnectError)) return certificateDemand.test(firstCode(error))
  const code = firstCode(error.cause)
  if (error.phase !== 'secure' || error.proxy !== undefined) return false
  return certificateDemand.test(code) || (brokenOffAlert.test(code) && error.version === 'TLSv1.2')
}

// In TLS 1.3 the server judges us when our side of the handshake is over.
function lateTlsFailure(error: Coded): Failure | undefined {
  const code = firstCode(error)
  return /^(EPROTO$|ERR_SSL_)/.test(code) ? tlsFailure(code, error) : undefined
}

function proxyFailure({phase, cause}: ConnectError, proxy: string): Failure {
  const code = firstCode(cause)
  if (phase === 'secure') {
    const [kind, message, hint] = tlsFailure(code, cause)
    if (kind === 'TIMED_OUT') return [kind, `The proxy ${proxy}: ${message}`, ifPlain]
    if (kind !== 'CERTIFICATE_REFUSED') return [kind, `The proxy ${proxy}: ${message}`, hint ?? versions]
    return [kind, `${message} (it is that of the proxy ${proxy})`, hint ?? ofProxies]
  }
  if (code === 'ENOTFOUND') return ['PROXY_NOT_RESOLVED', `The name of the proxy ${proxy} does not exist`]
  if (code === 'EAI_AGAIN')
    return ['PROXY_NOT_RESOLVED', `The name of the proxy ${proxy} could not be looked up now`]
  if (code === 'ETIMEDOUT')
    return ['TIMED_OUT', `The proxy ${proxy}: ${cause.message || 'no connection in time'}`]
  if (code === 'ECONNREFUSED')
    return ['CONNECT_FAILED', `The proxy ${proxy} refused the connection`, whereNamed]
  return ['CONNECT_FAILED', `No connection to the proxy ${proxy} (${code || cause.message})`, whereNamed]
}

function proxyDemand({proxy, sent}: ProxyAuthenticationRequired): Failure {
  const what = sent ? 'refuses the name or the password' : 'wants to know who asks'
  return ['PROXY_HANDSHAKE', `The proxy ${proxy} ${what} (407)`, 'Give name and password with --proxy-user.']
}

// With two address families the causes come bundled.
function firstCode(cause: NodeJS.ErrnoException): string {
  const bundled =
    cause instanceof AggregateError ? (cause.errors[0] as NodeJS.ErrnoException | undefined) : undefined
  return bundled?.code ?? cause.code ?? ''
}

const certificateCode =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/

function tlsFailure(code: string, cause: Error): Failure {
  if (code === 'ETIMEDOUT') return ['TIMED_OUT', cause.message]
  if (certificateCode.test(code)) {
    const message = `The server's certificate is not trusted: ${withoutAdvice(cause.message)}`
    return ['CERTIFICATE_REFUSED', message, otherFaults[code]]
  }
  if (code.endsWith('_ALERT_CERTIFICATE_REQUIRED'))
    return ['CLIENT_CERTIFICATE', 'The server asks for a client certificate', nameOne]
  if (certificateAlert.test(code))
    return ['CLIENT_CERTIFICATE', `The server refuses the client certificate (${code})`]
  // TLS 1.2 has no alert of its own for a certificate that is missing.
  if (brokenOffAlert.test(code)) return ['TLS_HANDSHAKE', brokenOff, `${versions} ${ifAsked}`]
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return ['TLS_HANDSHAKE', 'What the server answered is not TLS', `Is it an http address? ${versions}`]
  return ['TLS_HANDSHAKE', `The TLS handshake failed: ${reasonOf(cause) ?? (cause.message || code)}`]
}

// OpenSSL's own words; around them stand addresses and names of its source files.
function reasonOf(cause: Error & {readonly reason?: unknown}): string | undefined {
  return typeof cause.reason === 'string' ? cause.reason : undefined
}

// Node adds what a developer might do; the advice of this error is for users.
function withoutAdvice(message: string): string {
  return message.replace(/; if the root CA.*$/s, '')
}

const nameOne = 'Name one with --cert FILE, and its key with --key FILE.'
const ofProxies = 'Name its authority with --cacert FILE; -k does not hold for proxies.'
// Naming an authority mends none of these.
const otherFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'Whoever runs the server has to renew it. Is the clock of this machine right?',
  CERT_NOT_YET_VALID: 'Is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'It is made for other names: check the spelling of the host in the address.'
}
const ifPlain = 'Does the proxy speak TLS? One that does not is http://HOST:PORT.'
const whereNamed = 'Check the proxy, in -x, the session or the environment; -x "" asks nobody.'
const ifAsked = 'If it wants a client certificate, name one with --cert FILE.'
const versions = '--tlsv1.2, --tlsv1.3 and --tls-max choose the version.'
const brokenOff = 'The TLS handshake failed: the server broke it off'
const brokenOffAlert = /_ALERT_HANDSHAKE_FAILURE$/
// RFC 8446, 6.2: what a server says of a certificate it was shown.
const certificateAlert =
  /_ALERT_(?:(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/
const certificateDemand = new RegExp(`_ALERT_CERTIFICATE_REQUIRED$|${certificateAlert.source}`)

function identityFailure(code: string, cause: Error): string {
  if (/mac verify failure/.test(cause.message))
    return 'The passphrase of the client certificate (PKCS#12) is missing or wrong'
  if (/private key from PFX/.test(cause.message)) return 'The client certificate (PKCS#12) has no key with it'
  if (/Unsupported PKCS12/.test(cause.message))
    return 'The client certificate (PKCS#12) is encrypted in an old way: openssl pkcs12 -legacy reads it'
  if (/BAD_DECRYPT|PASSPHRASE/.test(code))
    return 'The key of the client certificate is encrypted, and its passphrase is missing or wrong'
  if (/KEY_(?:VALUES|TYPE)_MISMATCH/.test(code)) return 'The key does not belong to the client certificate'
  return `The client certificate cannot be used: ${cause.message}`
}

function exchangeFailure(error: Coded, phase: ExchangePhase): Failure {
  const code = error.code ?? ''
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return ['HEADERS_TOO_LARGE', "The answer's head is too large"]
  if (error.name === 'HTTPParserError' || code.startsWith('HPE_')) return parserFailure(error, phase)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return ['USAGE', error.message]
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    if (phase === 'receiving') return ['TRANSFER_TRUNCATED', closedEarly]
    return ['REPLY_MALFORMED', 'The length in the head of the answer cannot be true']
  }
  const isBroken = isClose(error) || code === 'EPIPE' || code === 'ECONNRESET'
  if (phase === 'sending' && isBroken) return ['SEND_FAILED', brokenOffBody]
  if (isClose(error)) {
    if (phase === 'receiving') return ['TRANSFER_TRUNCATED', closedEarly]
    return ['EMPTY_REPLY', 'The server closed the connection without an answer']
  }
  if (code === 'EPIPE') return ['SEND_FAILED', 'The server stopped reading the request']
  if (code === 'ECONNRESET') return ['RECEIVE_FAILED', 'The connection was reset']
  const failure = phase === 'sending' ? 'SEND_FAILED' : 'RECEIVE_FAILED'
  return [failure, `The connection broke: ${error.message}`]
}

const brokenOffBody = 'The server broke the connection off before it had the whole content, without an answer'
const closedEarly = 'The server closed the connection before the announced end'

function isClose(error: Coded): boolean {
  return error.code === 'UND_ERR_SOCKET' && /other side closed|^closed$/.test(error.message)
}

function parserFailure(error: Coded, phase: ExchangePhase): Failure {
  const reason = /\((.*)\)$/.exec(error.message)?.[1] ?? error.message
  // The parser does not always name its code.
  if (reason === 'Invalid EOF state' && phase === 'receiving') return ['TRANSFER_TRUNCATED', closedEarly]
  return ['REPLY_MALFORMED', `The server's answer is not valid HTTP/1.1 (${reason})`]
}
