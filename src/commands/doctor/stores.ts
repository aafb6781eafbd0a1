import {accessSync, constants, lstatSync} from 'node:fs'
import {TransferError, whyUnreadable} from '../../engine/index.ts'
import type {
  ConfigurationKeys,
  CredentialInspection,
  StoreInspection,
  URLRequest
} from '../../engine/index.ts'
import {formatBytes} from '../../ui/units.ts'
import {finding, problem, trouble} from './finding.ts'
import type {Finding} from './finding.ts'

/** What a session has on disk. */
export function inspectStore({path, size, counts, error}: StoreInspection): readonly Finding[] {
  if (error) return [trouble('stores', error)]
  if (size === undefined)
    return [finding('stores', 'ok', `nothing is stored yet; ${path} is made when it is needed`)]
  const mode = (lstatSync(path).mode & 0o777).toString(8)
  const {cookies, strictHosts, answers, answerBytes} = counts
  return [
    finding('stores', 'ok', `${path}: ${formatBytes(size)}, mode ${mode}`),
    finding(
      'stores',
      'ok',
      `of this session: ${[
        counted(cookies, 'cookie', 'cookies'),
        `${counted(answers, 'cached answer', 'cached answers')} (${formatBytes(answerBytes)})`,
        counted(strictHosts, 'host that insists on TLS', 'hosts that insist on TLS')
      ].join(', ')}`
    )
  ]
}

/** For how many places a session has credentials. */
export function inspectCredentialStore({
  path,
  size,
  spaces,
  error
}: CredentialInspection): readonly Finding[] {
  if (error) return [trouble('stores', error)]
  if (size === undefined) return []
  const places = counted(spaces.length, 'place', 'places')
  return [finding('stores', 'ok', `${path}: ${formatBytes(size)}, credentials of this session for ${places}`)]
}

/** The cookies that a request would carry, by name alone. */
export function inspectCookies(stored: readonly string[], {cookies}: ConfigurationKeys): readonly Finding[] {
  if (cookies.jar === 'none') return [finding('cookies', 'ok', 'none is stored or sent: cookies.jar is none')]
  if (!cookies.send) return [finding('cookies', 'ok', 'no stored one is sent: cookies.send is false')]
  const files = [...(cookies.jar === undefined ? [] : [cookies.jar]), ...cookies.sources]
  return [
    stored.length === 0
      ? finding('cookies', 'ok', 'none is stored for this address')
      : finding('cookies', 'ok', `sent from the store: ${stored.join(', ')}`),
    ...files.map(file => (cookies.sources.includes(file) ? inspectSource(file) : sentFrom(file)))
  ]
}

function sentFrom(file: string): Finding {
  return finding('cookies', 'note', `those of ${file} that are meant for this address are sent`)
}

// The jar may be missing, since it is made; a file that is only read may not.
function inspectSource(file: string): Finding {
  try {
    accessSync(file, constants.R_OK)
    return sentFrom(file)
  } catch (cause) {
    const message = `The cookie file ${file} cannot be read: ${whyUnreadable(cause)}`
    return problem('cookies', new TransferError('READ_FAILED', message, {cause}))
  }
}

/** Cookies that come with the request itself. */
export function inspectGivenCookies({headers}: URLRequest): readonly Finding[] {
  const own = headers.find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? ''
  const names = own.split(';').map(pair => pair.split('=')[0]?.trim() ?? '')
  return own === '' ? [] : [finding('cookies', 'note', `sent as you give them: ${names.join(', ')}`)]
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
