import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import type {StoredValue} from '../profiles/profile.ts'
import {parseSecretReference} from '../profiles/secret.ts'
import type {Setting} from '../profiles/settings.ts'
import {splitCertificateArgument, startsAsPkcs12} from './client-certificate.ts'
import {readHeaders} from './header-argument.ts'
import {readSetting} from './key-value.ts'
import {localAddress} from './local-address.ts'
import {parseResolve} from './parse-resolve.ts'
import {readPinnedKeys} from './pinned-keys.ts'
import {usageError} from './usage-error.ts'

type GivenFlags = Readonly<Record<string, unknown>>

/** How a flag that was given, among others, becomes keys of a session. */
type Storing = (
  given: readonly string[],
  flags: GivenFlags
) => readonly Setting[] | Promise<readonly Setting[]>

/** The flags that a session can keep, by name; those that are not declared in this version do no harm. */
export const storableFlags: Readonly<Record<string, Storing>> = {
  header: storeHeaders,
  'user-agent': ([given = '']) => storeHeader('User-Agent', given),
  referer: as('headers.Referer'),
  cookie: storeCookies,
  // The key has a word of its own for no cookies; the flag has files.
  'cookie-jar': ([given = '']) => [readSetting('cookies.jar', given === 'none' ? './none' : given)],
  user: storeUser,
  'oauth2-bearer': as('credentials.bearer'),
  netrc: storeNetrc,
  'netrc-optional': storeNetrc,
  'netrc-file': as('credentials.netrc'),
  negotiate: always('credentials.negotiate', true),
  'http1.1': always('network.http2', false),
  http2: always('network.http2', true),
  resolve: given =>
    Object.entries(parseResolve(given)).map(([endpoint, addresses]) =>
      readSetting(`network.resolve.${endpoint}`, addresses.join(','))
    ),
  ipv4: always('network.family', 4),
  ipv6: always('network.family', 6),
  interface: async ([given = '']) => [readSetting('network.localAddress', await localAddress(given))],
  cacert: as('tls.ca'),
  capath: as('tls.ca'),
  cert: storeCertificate,
  // Decides about --cert.
  'cert-type': () => [],
  key: as('tls.key'),
  pinnedpubkey: async ([given = '']) => [{key: 'tls.pins', value: await readPinnedKeys(given)}],
  'tlsv1.2': always('tls.min', 'TLSv1.2'),
  'tlsv1.3': always('tls.min', 'TLSv1.3'),
  'tls-max': ([given = '']) =>
    given === 'default' ? [{key: 'tls.max', value: undefined}] : [readSetting('tls.max', `TLSv${given}`)],
  // An empty proxy is none, whatever the environment says.
  proxy: ([given = '']) => [readSetting('proxy.url', given === '' ? 'none' : given)],
  'proxy-user': as('proxy.user'),
  noproxy: as('proxy.noProxy'),
  'connect-timeout': as('timeouts.connect'),
  'idle-timeout': as('timeouts.idle'),
  'max-time': as('timeouts.total'),
  'speed-limit': as('limits.lowSpeed'),
  'speed-time': as('limits.lowSpeedTime'),
  'limit-rate': as('limits.rate'),
  window: as('discretionary.window'),
  'wait-for-network': always('waitsForConnectivity', true),
  retry: as('retry.attempts'),
  'retry-delay': as('retry.delay'),
  'retry-max-time': as('retry.maxTime'),
  'retry-all-errors': always('retry.allErrors', true),
  'parallel-max': as('maxParallelTasks'),
  'parallel-max-host': as('maxConnectionsPerHost'),
  'max-filesize': as('limits.maxFileSize'),
  resumable: as('uploads.resumable'),
  'upload-mode': as('uploads.mode'),
  'interop-version': as('uploads.interopVersion'),
  'expect100-timeout': as('uploads.expectTimeout'),
  location: always('redirects.follow', true),
  'no-location': always('redirects.follow', false),
  'max-redirs': as('redirects.max'),
  'location-trusted': always('redirects.trusted', true),
  'allow-downgrade': always('redirects.allowDowngrade', true),
  'no-store': always('cache.store', false),
  'on-redirect': as('hooks.onRedirect'),
  'on-challenge': as('hooks.onChallenge'),
  'on-response': as('hooks.onResponse'),
  'on-cache': as('hooks.onCache'),
  'on-complete': as('hooks.onComplete')
}

/** The keys that the given flags mean, in the order of the flags' table. Rejects with USAGE or CONFIGURATION_REFUSED. */
export async function settingsOf(flags: GivenFlags): Promise<readonly Setting[]> {
  if (flags['cacert'] !== undefined && flags['capath'] !== undefined) {
    throw usageError('A session keeps one of --cacert and --capath', 'Put the authorities into one folder.')
  }
  const settings: Setting[] = []
  // As in curl, the time means something without the limit.
  if (flags['speed-time'] !== undefined && flags['speed-limit'] === undefined)
    settings.push(readSetting('limits.lowSpeed', '1'))
  for (const [name, value] of Object.entries(flags)) {
    const store = Object.hasOwn(storableFlags, name) ? storableFlags[name] : undefined
    if (!store) continue
    const given = Array.isArray(value) ? value.map(String) : [String(value)]
    settings.push(...(await store(given, flags)))
  }
  return settings
}

function as(key: string): Storing {
  return ([text = '']) => [readSetting(key, text)]
}

function always(key: string, value: StoredValue): Storing {
  return () => [{key, value}]
}

async function storeHeaders(given: readonly string[]): Promise<readonly Setting[]> {
  const headers = await readHeaders(given)
  return headers.flatMap(header => {
    return header.kind === 'present' ? storeHeader(...header.field) : storeHeader(header.name, '')
  })
}

function storeHeader(name: string, value: string): readonly Setting[] {
  if (value !== '') return [readSetting(`headers.${name}`, value)]
  throw usageError(
    `A session adds headers; it cannot leave out ${name}, nor send it empty`,
    `Leave it out with get: -H "${name}:" ("${name};" sends it empty)`
  )
}

// As for get, ":" is nobody's name beside --negotiate.
function storeUser([given = '']: readonly string[], flags: GivenFlags): readonly Setting[] {
  return given === ':' && flags['negotiate'] ? [] : [readSetting('credentials.user', given)]
}

function storeNetrc(): readonly Setting[] {
  return [readSetting('credentials.netrc', join(homedir(), '.netrc'))]
}

// As -b has it: a reference to a cookie, files of cookies, and nothing at all.
function storeCookies(given: readonly string[]): readonly Setting[] {
  const references = given.filter(each => parseSecretReference(each) !== undefined)
  const files = given.filter(each => each !== '' && !references.includes(each))
  if (files.some(each => each.includes('=')) || references.length > 1) {
    throw usageError(
      'A cookie may be a secret, and secrets are never stored',
      'Name a cookie file with -b FILE, or one reference to all cookies: -b env:NAME, @FILE or -.'
    )
  }
  return [
    ...references.map(each => readSetting('headers.Cookie', each)),
    ...(files.length > 0 ? [readSetting('cookies.sources', JSON.stringify(files))] : [])
  ]
}

async function storeCertificate(
  [given = '']: readonly string[],
  flags: GivenFlags
): Promise<readonly Setting[]> {
  const {file, passphrase} = splitCertificateArgument(given)
  const settings = [readSetting((await isPkcs12(file, flags['cert-type'])) ? 'tls.pkcs12' : 'tls.cert', file)]
  if (passphrase !== undefined) settings.push(readSetting('tls.passphrase', passphrase))
  return settings
}

// The file may come later than the session.
async function isPkcs12(file: string, type: unknown): Promise<boolean> {
  if (type !== undefined) return type === 'P12'
  const content = await readFile(file).catch(() => undefined)
  return content ? startsAsPkcs12(content) : /\.(?:p12|pfx)$/i.test(file)
}
