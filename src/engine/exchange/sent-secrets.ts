import {unescape} from 'node:querystring'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {URLRequest} from '../url-request.ts'
import {basicAuthorization} from './authentication/authorization.ts'
import {isHarmlessHeader} from './redirect.ts'

const hidden = '***'
// What is shorter stands in words that mean something else, and hiding those would tell it.
const shortest = 6
// Signatures and tokens are long; a page number is not hidden.
const shortestParameter = 16
const mostKept = 500

const openHeaders =
  /^(host|referer|origin|connection|content-(type|length|language)|expect|te|upgrade|date|dnt|from)$/i

type ProxyKeys = ConfigurationKeys['proxy']

/** What a request tells that nobody else may read, in the forms in which a server could send it back. */
export function secretsOf({url, headers}: URLRequest, proxy: ProxyKeys): readonly string[] {
  const parameters = url.search === '' ? [] : [...url.searchParams.values()]
  const found = parameters.filter(({length}) => length >= shortestParameter)
  for (const [name, value] of headers) {
    if (!isHarmlessHeader(name) && !openHeaders.test(name)) found.push(...secretsIn(name, value))
  }
  const logins = [proxy.url, proxy.http, proxy.https].flatMap(address => (address ? [loginIn(address)] : []))
  for (const login of [proxy, ...logins]) found.push(...secretsOfLogin(login))
  if (found.length === 0) return found
  return found.filter(({length}) => length >= shortest).flatMap(each => [each, encodeURIComponent(each)])
}

/** Adds secrets to those that are kept, of which the ones that were not said for the longest time go. */
export function keepNewest(kept: Set<string>, secrets: readonly string[]): void {
  for (const secret of secrets) {
    kept.delete(secret)
    kept.add(secret)
  }
  for (const oldest of kept) {
    if (kept.size <= mostKept) return
    kept.delete(oldest)
  }
}

/** The text without them. */
export function hideSecrets(text: string, secrets: ReadonlySet<string>): string {
  const longestFirst = [...secrets].toSorted((one, other) => other.length - one.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, hidden), text)
}

function secretsIn(name: string, value: string): readonly string[] {
  if (name.toLowerCase() === 'cookie')
    return [value, ...value.split(';').map(pair => pair.slice(pair.indexOf('=') + 1).trim())]
  const [, scheme = '', word = ''] = /^(\S+) +(\S+)$/.exec(value) ?? []
  if (scheme.toLowerCase() !== 'basic') return [value, word]
  const pair = Buffer.from(word, 'base64').toString()
  return [value, word, pair, pair.slice(pair.indexOf(':') + 1)]
}

type Login = Pick<ProxyKeys, 'user' | 'password'>

function loginIn(address: string): Login {
  const url = URL.parse(address)
  return url
    ? {user: unescape(url.username), password: unescape(url.password)}
    : {user: undefined, password: undefined}
}

function secretsOfLogin({user = '', password}: Login): readonly string[] {
  if (!password) return []
  return [password, basicAuthorization({user, password}).slice('Basic '.length)]
}
