import {parseProxyAddress, TransferError} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import {usageError} from './usage-error.ts'

export interface ProxyFlags {
  readonly proxy?: string
  readonly 'proxy-user'?: string
  readonly noproxy?: string
}

type ProxyChanges = NonNullable<ConfigurationChanges['proxy']>

/** What -x, --proxy-user and --noproxy change. Rejects with USAGE, or READ_FAILED for a secret in a file. */
export async function proxyChanges(flags: ProxyFlags): Promise<ProxyChanges> {
  const {proxy, noproxy} = flags
  const user = flags['proxy-user']
  return {
    ...(proxy === undefined ? {} : chosen(proxy)),
    ...(user === undefined ? {} : await credential(user)),
    // An empty list is one too: it stands in the way of NO_PROXY.
    ...(noproxy === undefined ? {} : {noProxy: [noproxy]})
  }
}

// What belongs to the session's own proxy is not for this one: its credential least of all.
function chosen(given: string): ProxyChanges {
  const instead = {http: undefined, https: undefined, user: undefined, password: undefined}
  if (given === '') return {...instead, url: 'none'}
  try {
    parseProxyAddress(given)
  } catch (error) {
    if (error instanceof TransferError) throw usageError(`-x: ${error.message}`, error.hint)
    throw error
  }
  const isPlain = !/^[a-z][a-z0-9+.-]*:\/\//i.test(given) || /^http:/i.test(given)
  if (isPlain && !/:\d+\/?$/.test(given.slice(given.lastIndexOf('@') + 1))) {
    throw usageError(
      '-x needs the port of the proxy: HOST:PORT',
      'Most listen on 3128 or 8080; curl takes 1080 where none is given.'
    )
  }
  return {...instead, url: given}
}

// RFC 7617: the name cannot contain a colon; without one the password is missing.
async function credential(given: string): Promise<ProxyChanges> {
  const {value} = await readSecret('--proxy-user', given)
  const colon = value.indexOf(':')
  const user = colon < 0 ? value : value.slice(0, colon)
  if (user === '') throw usageError('--proxy-user needs NAME:PASSWORD')
  const password =
    colon < 0
      ? await askSecret(`Password of ${given === '-' ? 'that name' : given} at the proxy`)
      : value.slice(colon + 1)
  if (/[\x00-\x1F\x7F]/.test(user + password))
    throw usageError('--proxy-user: name and password cannot contain control characters (RFC 7617)')
  return {user, password}
}

/** What a person should be told about how the proxy was named. */
export function proxyWarnings({proxy = '', 'proxy-user': user = ''}: ProxyFlags): readonly string[] {
  const isPasswordSeen = /^[^/@]*(?:\/\/)?[^/@]*:[^@]*@/.test(proxy)
  const isPairSeen = user.includes(':') && !/^(?:@|env:)/.test(user)
  return [
    ...(isPasswordSeen ? ['-x: a password on the command line can be seen in the process list'] : []),
    ...(isPairSeen
      ? [
          '--proxy-user: a secret on the command line can be seen in the process list; @FILE, env:NAME or - hide it'
        ]
      : [])
  ]
}
