import type {CachePolicy} from '../configuration-keys.ts'
import type {DataTask} from '../data-task.ts'
import {discardBody} from '../exchange/discard-body.ts'
import {follow} from '../exchange/follow.ts'
import type {Answer} from '../exchange/follow.ts'
import {differenceOf, validatorsOf} from '../exchange/validators.ts'
import {fieldValues, isFresh} from '../storage/cached-answer.ts'
import type {CachedHead, CacheKey} from '../storage/cached-answer.ts'
import type {FoundAnswer} from '../storage/response-cache.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField, URLRequest, URLResponse} from '../url-request.ts'
import {cacheKeyOf} from './cache-request.ts'
import {networkContent, storedContent} from './content.ts'
import type {Content} from './content.ts'
import {endToEnd, mayStore, timesOf} from './keep-answer.ts'

/** Content, and what may become of it in the cache. */
export interface Opened {
  readonly content: Content
  /** The server's answer, where the cache should hear of it. */
  readonly answer?: Answer
  readonly key: CacheKey | undefined
}

/** Finds the answer to a request: the stored one, the stored one after asking whether it still holds, or a new one. */
export async function openContent(task: DataTask, request: URLRequest): Promise<Opened> {
  const {policy} = task.keys.cache
  const key = await cacheKeyOf(task, request)
  const found = key && policy !== 'reload' ? await task.session.stores.cache.find(key) : undefined
  const use = found && key ? chooseUse(policy, await standingOf(found.head, key)) : 'ask'
  if (found && use === 'use') return {content: storedContent(task, {request, stored: found}), key}
  if (policy === 'cacheOnly') throw nothingStored(request)
  if (!found || !key || use === 'ask') return fresh(task, {request, key})
  const answer = await follow(task, {...request, headers: [...request.headers, ...conditionsOf(found.head)]})
  if (answer.response.status !== 304) return {content: networkContent(task, answer), answer, key}
  await discardBody(answer.exchange)
  const stored = await confirmed(task, {key, found, answer})
  if (!stored) return fresh(task, {request, key})
  return {content: storedContent(task, {request, stored}), key}
}

async function fresh(
  task: DataTask,
  {request, key}: {request: URLRequest; key: CacheKey | undefined}
): Promise<Opened> {
  const answer = await follow(task, request)
  return {content: networkContent(task, answer), answer, key}
}

/** What is known of a stored answer. confirmable: the server can be asked whether it still holds. */
export interface CacheStanding {
  readonly isFresh: boolean
  readonly isConfirmable: boolean
}

/** What to do with a stored answer (NSURLRequest.CachePolicy, P2). */
export function chooseUse(
  policy: CachePolicy,
  {isFresh, isConfirmable}: CacheStanding
): 'use' | 'confirm' | 'ask' {
  switch (policy) {
    case 'cacheOnly':
    case 'cacheElseLoad':
      return 'use'
    case 'reload':
      return 'ask'
    case 'revalidate':
      return isConfirmable ? 'confirm' : 'ask'
    case 'protocol':
      return isFresh ? 'use' : isConfirmable ? 'confirm' : 'ask'
  }
}

async function standingOf(head: CachedHead, key: CacheKey): Promise<CacheStanding> {
  return {isFresh: await isFresh(head, key), isConfirmable: conditionsOf(head).length > 0}
}

/** RFC 9111, 4.3.1. */
function conditionsOf(head: CachedHead): readonly HeaderField[] {
  const {etag, 'last-modified': lastModified} = fieldValues(head.headers)
  const conditions: HeaderField[] = []
  if (etag !== undefined) conditions.push(['If-None-Match', etag])
  if (lastModified !== undefined) conditions.push(['If-Modified-Since', lastModified])
  return conditions
}

interface Confirmation {
  readonly key: CacheKey
  readonly found: FoundAnswer
  readonly answer: Answer
}

/** The stored answer with what the 304 says anew; undefined where the 304 speaks of another address or version. */
async function confirmed(
  task: DataTask,
  {key, found, answer}: Confirmation
): Promise<FoundAnswer | undefined> {
  const {exchange, response} = answer
  const before: URLResponse = {...response, headers: found.head.headers}
  if (exchange.request.url.href !== key.url) return undefined
  if (differenceOf(validatorsOf(before), validatorsOf(response)) !== undefined) return undefined
  const head = {...found.head, headers: renewed(found.head.headers, response.headers), ...timesOf(exchange)}
  const {cache} = task.session.stores
  if (task.keys.cache.store) {
    if (mayStore(head)) await cache.refresh(key.url, found, head)
    else await cache.forget(key.url)
  }
  return {...found, head}
}

// RFC 9111, 3.2: what tells of the body is about the one that is here.
const bodily = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'content-type',
  'transfer-encoding'
])
const perAnswer = ['age', 'date']

function renewed(stored: readonly HeaderField[], told: readonly HeaderField[]): readonly HeaderField[] {
  const news = endToEnd(told).filter(([name]) => !bodily.has(name) && name !== 'set-cookie')
  const replaced = new Set([...news.map(([name]) => name), ...perAnswer])
  return [...stored.filter(([name]) => !replaced.has(name)), ...news]
}

function nothingStored({url, method}: URLRequest): TransferError {
  return new TransferError(
    'REFUSED',
    'No answer is stored, and the policy cacheOnly forbids to ask the server',
    {
      url,
      method,
      hint: 'Fetch it once with another value of the key cache.policy, such as protocol.'
    }
  )
}
