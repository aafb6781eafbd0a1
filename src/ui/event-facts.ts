import type {
  AuthenticationChallenge,
  CacheProposal,
  HeaderField,
  Redirection,
  URLResponse
} from '../engine/index.ts'
import {maskHeader, maskUrl} from './mask.ts'
import {printable} from './printable.ts'

/** What an event tells, for --events and for hooks: masked and escaped, null for absence. */
export type Facts = Readonly<Record<string, unknown>>

/** A redirection: where from, and where to. */
export function redirectFacts({response, request}: Redirection): Facts {
  return {status: response.status, from: maskUrl(response.url.href), to: maskUrl(request.url.href)}
}

/** The head of an answer. */
export function responseFacts(response: URLResponse): Facts {
  return {...headFacts(response), part: null}
}

/** The head of an answer, whichever part of it brings the content. */
export function headFacts({status, headers, url}: URLResponse): Facts {
  return {status, headers: headersObject(headers), url: maskUrl(url.href)}
}

/** Who asks to be told who we are, and why once more. Never the credential. */
export function challengeFacts(challenge: AuthenticationChallenge): Facts {
  const {scope, protectionSpace, previousFailureCount, error} = challenge
  const {method, realm, host, port, protocol, isProxy} = protectionSpace
  return {
    scope,
    method,
    realm: realm === undefined ? null : printable(realm),
    host: printable(host),
    port,
    protocol,
    isProxy,
    previousFailureCount,
    error: error ? {code: error.code, message: printable(error.message)} : null
  }
}

/** An answer that may be stored; `size` in bytes. */
export function cachingFacts({response, size}: CacheProposal): Facts {
  return {...headFacts(response), size}
}

/** Repeated fields are joined (RFC 9110, 5.3); secrets are masked field by field, before. */
function headersObject(headers: readonly HeaderField[]): Readonly<Record<string, string>> {
  const joined = new Map<string, string>()
  for (const [name, value] of headers) {
    const shown = printable(maskHeader(name, value))
    const before = joined.get(name)
    joined.set(name, before === undefined ? shown : `${before}, ${shown}`)
  }
  return Object.fromEntries(joined)
}
