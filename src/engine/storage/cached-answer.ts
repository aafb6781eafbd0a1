import {parseCacheControl, secondsOf} from '../fields/cache-control.ts'
import type {HeaderField} from '../url-request.ts'

/** Header values by name in lower case; repeated ones joined (RFC 9110, 5.3). */
export type FieldValues = Readonly<Record<string, string>>

/** What is asked for, as far as it chooses a stored answer. */
export interface CacheKey {
  /** Without user, password and fragment. */
  readonly url: string
  /** All that would be sent. */
  readonly fields: FieldValues
  /** How the server is reached and recognized: what came one way is not used for another. */
  readonly way: string
}

/** The head of a stored answer, and how it came. */
export interface CachedHead {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly HeaderField[]
  /** Values of the request that the answer was chosen by. */
  readonly varying: FieldValues
  readonly way: string
  /** When it was asked for and when it came, in milliseconds since the epoch. */
  readonly requestTime: number
  readonly responseTime: number
}

/** A whole answer; the body as it came, encoded or not. */
export interface CachedAnswer {
  readonly head: CachedHead
  readonly body: Uint8Array
}

export function fieldValues(headers: readonly HeaderField[]): FieldValues {
  const values: Record<string, string> = {}
  for (const [given, value] of headers) {
    const name = given.toLowerCase()
    const before = values[name]
    values[name] = before === undefined ? value : `${before}, ${value}`
  }
  return values
}

/**
 * What the answer to a request depends on (RFC 9110, 12.5.5), always the codings that were accepted too: not every
 * server says so. Undefined: on anything (*).
 */
export function varyingFields(answer: FieldValues, request: FieldValues): FieldValues | undefined {
  const names = (answer['vary'] ?? '').split(',').map(name => name.trim().toLowerCase())
  if (names.includes('*')) return undefined
  const relevant = ['accept-encoding', ...names.filter(name => name !== '')]
  return Object.fromEntries(relevant.map(name => [name, request[name] ?? '']))
}

/** Is it an answer to this request? */
export function answers({varying, way}: CachedHead, key: CacheKey): boolean {
  return (
    way === key.way && Object.entries(varying).every(([name, value]) => (key.fields[name] ?? '') === value)
  )
}

/** RFC 9111, 4.2.3: how old it is, in seconds; a clock that went back makes it as old as can be. */
export function ageOf({headers, requestTime, responseTime}: CachedHead, now: number): number {
  if (now < responseTime) return Infinity
  const {age, date = ''} = fieldValues(headers)
  const apparent = Math.max(0, responseTime - (Date.parse(date) || responseTime)) / 1000
  const told = (secondsOf(age?.split(',')[0]?.trim()) ?? 0) + (responseTime - requestTime) / 1000
  return Math.max(apparent, told) + (now - responseTime) / 1000
}

/** May it be used for this request without asking (RFC 9111, 4.2)? Only what a server said counts, no guess. */
export async function isFresh(head: CachedHead, key: CacheKey): Promise<boolean> {
  const {default: CachePolicy} = await import('http-cache-semantics')
  const now = Date.now()
  const age = ageOf(head, now)
  if (age === Infinity) return false
  const asked = new Map(parseCacheControl(key.fields['cache-control'] ?? ''))
  const longest = secondsOf(asked.get('max-age'))
  if (longest !== undefined && age >= longest) return false
  const request = {url: key.url, method: 'GET'}
  const policy = new CachePolicy(
    {...request, headers: head.varying},
    {status: head.status, headers: {...plainFields(head.headers), age: String(Math.floor(age))}},
    {shared: false, cacheHeuristic: 0, immutableMinTimeToLive: 0}
  )
  // Nothing stale is used, whatever a request would accept: a person is never given old content unasked.
  asked.delete('max-stale')
  return policy.satisfiesWithoutRevalidation({
    ...request,
    headers: {...key.fields, 'cache-control': formatDirectives(asked)}
  })
}

/** May a private cache keep it at all (RFC 9111, 3)? */
export async function isStorable(head: CachedHead, key: CacheKey): Promise<boolean> {
  const {default: CachePolicy} = await import('http-cache-semantics')
  const request = {url: key.url, method: 'GET', headers: key.fields}
  const answer = {status: head.status, headers: plainFields(head.headers)}
  return new CachePolicy(request, answer, {
    shared: false,
    cacheHeuristic: 0,
    immutableMinTimeToLive: 0
  }).storable()
}

// For a parser that knows one spelling of each directive. Whose answers depend on what was compared before, and whether
// old ones may be used anyway was decided too.
function plainFields(headers: readonly HeaderField[]): FieldValues {
  const {vary: _vary, 'cache-control': control, ...fields} = fieldValues(headers)
  if (control === undefined) return fields
  const directives = new Map(parseCacheControl(control))
  directives.delete('must-revalidate')
  return {...fields, 'cache-control': formatDirectives(directives)}
}

function formatDirectives(directives: ReadonlyMap<string, string>): string {
  const plain = [...directives].map(([name, argument]) =>
    /^\w+$/.test(argument) ? `${name}=${argument}` : name
  )
  return plain.join(', ')
}
