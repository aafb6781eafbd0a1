import {lstatSync} from 'node:fs'
import type {ConfigurationKeys, StoreInspection} from '../../engine/index.ts'
import {formatBytes} from '../../ui/units.ts'
import {finding, trouble} from './finding.ts'
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

/** The cookies that a request would carry, by name alone. */
export function inspectCookies(
  stored: readonly string[],
  {cookies}: ConfigurationKeys,
  given: 'given' | 'none'
): readonly Finding[] {
  if (given === 'given')
    return [finding('cookies', 'note', 'those of -b or -H are sent, together with what servers set')]
  if (cookies.jar === 'none') return [finding('cookies', 'ok', 'none: cookies.jar is none')]
  if (!cookies.send) return [finding('cookies', 'ok', 'none: cookies.send is false')]
  const files = [...(cookies.jar === undefined ? [] : [cookies.jar]), ...cookies.sources]
  const also = files.length === 0 ? '' : `; those of ${files.join(' and ')} too`
  if (stored.length === 0) return [finding('cookies', 'ok', `none is stored for this address${also}`)]
  return [finding('cookies', 'ok', `sent: ${stored.join(', ')}${also}`)]
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
