import type {DataTask} from '../data-task.ts'
import {decisionOf} from '../exchange/decision.ts'
import type {BodySink, Exchange} from '../exchange/exchange.ts'
import type {Answer} from '../exchange/follow.ts'
import {mixedReplaceBoundary} from '../exchange/mixed-replace.ts'
import {parseCacheControl} from '../fields/cache-control.ts'
import {fieldValues, isStorable, varyingFields} from '../storage/cached-answer.ts'
import type {CachedHead, CacheKey} from '../storage/cached-answer.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'

/** Collects the body of an answer that may be stored while it passes by. */
export interface Keeper {
  /** Sees what the sink gets, as it came. */
  watch(sink: BodySink): BodySink
  /** The body is whole: asks the delegate, and stores it. */
  keep(): Promise<void>
}

interface Kept {
  readonly answer: Answer
  readonly key: CacheKey
  readonly head: CachedHead
}

/** Whoever keeps this answer, or undefined for one that is not stored; then nothing older stays in its place. */
export async function keeperOf(
  task: DataTask,
  {answer, key}: {answer: Answer; key: CacheKey | undefined}
): Promise<Keeper | undefined> {
  const {store} = task.keys.cache
  const {cache} = task.session.stores
  const {exchange, response} = answer
  if (!store) return undefined
  if (!key) {
    if (changesSomething(task, response)) await cache.forget(asStored(task.originalRequest.url))
    return undefined
  }
  const head = headOf(answer, key)
  const isProven = exchange.framing === 'length' || exchange.framing === 'chunked'
  const fits = (exchange.contentLength ?? 0) <= cache.longestBody
  const isOwn = exchange.request.url.href === key.url && !isSigned(exchange)
  if (head && isProven && fits && isOwn && mayStore(head)) return new Collector(task, {answer, key, head})
  if (isOwn && response.status < 500) await cache.forget(key.url)
  return undefined
}

/**
 * May this head be stored, so that its answer can be used again? Only whole successes that say something about it: what
 * is silent about caching is used once.
 */
export function mayStore({status, headers}: CachedHead): boolean {
  const fields = fieldValues(headers)
  if (status !== 200) return false
  if (['set-cookie', 'www-authenticate', 'content-range'].some(name => fields[name] !== undefined))
    return false
  const directives = parseCacheControl(fields['cache-control'] ?? '')
  if (directives.has('no-store')) return false
  const isSaid = ['max-age', 'public', 'private', 'no-cache', 'immutable'].some(name => directives.has(name))
  return isSaid || ['expires', 'etag', 'last-modified'].some(name => fields[name] !== undefined)
}

/** When an answer was asked for and came. */
export function timesOf({figures}: Exchange): Pick<CachedHead, 'requestTime' | 'responseTime'> {
  const requestTime = figures.requestStart ?? figures.fetchStart
  return {requestTime, responseTime: figures.responseStart ?? requestTime}
}

// What the answer depends on must be known before a request is sent, which cookies and credentials are not.
function headOf({exchange, response}: Answer, {way}: CacheKey): CachedHead | undefined {
  const {status, statusText, headers} = response
  const varying = varyingFields(fieldValues(headers), fieldValues(exchange.request.headers))
  const isUnknown = ['cookie', 'authorization', 'proxy-authorization'].some(
    name => varying?.[name] !== undefined
  )
  if (!varying || isUnknown || mixedReplaceBoundary(response) !== undefined) return undefined
  return {status, statusText, headers: endToEnd(headers), varying, way, ...timesOf(exchange)}
}

// RFC 9111, 3.1: what speaks of one connection alone.
const perConnection = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
]

/** The fields that tell of the answer, rather than of the connection it came over. */
export function endToEnd(headers: readonly HeaderField[]): readonly HeaderField[] {
  const named = (fieldValues(headers)['connection'] ?? '').split(',').map(name => name.trim().toLowerCase())
  const dropped = new Set([...perConnection, ...named])
  return headers.filter(([name]) => !dropped.has(name))
}

// Whatever answered a challenge on the way.
function isSigned({request}: Exchange): boolean {
  return request.headers.some(([name]) => /^(?:proxy-)?authorization$/i.test(name))
}

// RFC 9111, 4.4: what was stored of an address is history after a request that changes it.
function changesSomething({originalRequest}: DataTask, {status}: URLResponse): boolean {
  return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(originalRequest.method) && status < 400
}

function asStored(address: URL): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.hash = ''
  return url.href
}

class Collector implements Keeper {
  readonly #task: DataTask
  readonly #kept: Kept
  readonly #limit: number
  #pieces: Buffer[] | undefined = []
  #size = 0

  constructor(task: DataTask, kept: Kept) {
    this.#task = task
    this.#kept = kept
    this.#limit = task.session.stores.cache.longestBody
  }

  watch(sink: BodySink): BodySink {
    return {
      write: view => {
        this.#size += view.length
        if (this.#size > this.#limit) this.#pieces = undefined
        this.#pieces?.push(Buffer.from(view))
        return sink.write(view)
      }
    }
  }

  async keep(): Promise<void> {
    const {key, head, answer} = this.#kept
    const {stores, delegate} = this.#task.session
    const {cache} = stores
    if (!this.#pieces || !(await isStorable(head, key))) return cache.forget(key.url)
    const proposal = {response: answer.response, size: this.#size}
    const asked = delegate.willCacheResponse?.(this.#task, proposal)
    const decision = asked === undefined ? 'store' : await decisionOf(this.#task, asked)
    delegate.didDecideCaching?.(this.#task, {...proposal, decision})
    if (decision === 'deny') return cache.forget(key.url)
    await cache.store(key.url, {head, body: Buffer.concat(this.#pieces)}, decision)
  }
}
