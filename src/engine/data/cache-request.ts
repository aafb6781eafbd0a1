import {createHash} from 'node:crypto'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {DataTask} from '../data-task.ts'
import {parseCacheControl} from '../fields/cache-control.ts'
import {fieldValues} from '../storage/cached-answer.ts'
import type {CacheKey, FieldValues} from '../storage/cached-answer.ts'
import type {HeaderField, URLRequest} from '../url-request.ts'

// A piece, a condition of the user's own, or somebody in particular: such answers are for this one request.
const personal = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range'
]

/** What to look for in the cache, or undefined for a request that has nothing to do with it. */
export async function cacheKeyOf(task: DataTask, request: URLRequest): Promise<CacheKey | undefined> {
  const {session, keys} = task
  if (request.method !== 'GET' || session.stores.cache.longestBody === 0 || isSignedIn(task)) return undefined
  const fields = sentFields(task, request)
  if (personal.some(name => fields[name] !== undefined)) return undefined
  if (parseCacheControl(fields['cache-control'] ?? '').has('no-store')) return undefined
  const url = new URL(await session.stores.transportSecurity.upgrade(request.url))
  url.hash = ''
  return {url: url.href, fields, way: wayOf(keys)}
}

// Nor is anything kept that comes over a connection whose other end is unproven.
function isSignedIn({originalRequest, options, keys}: DataTask): boolean {
  const {url} = originalRequest
  const {user, bearer, netrc} = keys.credentials
  const {cert, pkcs12, insecure} = keys.tls
  const {jar, sources} = keys.cookies
  // Files of cookies say who asks, too, and every run may name others.
  if (sources.length > 0 || (jar !== undefined && jar !== 'none')) return true
  const secrets = [url.username || undefined, url.password || undefined, user, bearer, netrc, cert, pkcs12]
  return insecure || options.authentication !== undefined || secrets.some(secret => secret !== undefined)
}

/** What will be sent, but for cookies of the session: answers that depend on those are never stored. */
function sentFields({session, keys}: DataTask, {headers}: URLRequest): FieldValues {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const standing: readonly HeaderField[] = [
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ['User-Agent', session.userAgent]
  ]
  const inherited = Object.entries(keys.headers).filter(([name]) => !given.has(name.toLowerCase()))
  const own = [...inherited, ...headers]
  const named = new Set(own.map(([name]) => name.toLowerCase()))
  const all = [...standing.filter(([name]) => !named.has(name.toLowerCase())), ...own]
  return fieldValues(all.filter(([, value]) => value !== ''))
}

/** How the server is reached: by which addresses and proxies, and trusting whom. Empty for the way of most. */
function wayOf({network, proxy, tls}: ConfigurationKeys): string {
  const resolved = Object.entries(network.resolve)
  const facts = [tls.ca, proxy.url, proxy.http, proxy.https, network.localAddress]
  if (resolved.length === 0 && facts.every(fact => fact === undefined)) return ''
  return createHash('sha256')
    .update(JSON.stringify([resolved, facts]))
    .digest('hex')
}
