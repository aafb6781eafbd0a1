import {domainToUnicode} from 'node:url'
import {maskUrl} from '../../ui/mask.ts'
import {finding, warning} from './finding.ts'
import type {Finding} from './finding.ts'
import {portOf} from '../../engine/index.ts'

/** How an address is read, as far as that could surprise. */
export function inspectAddress(url: URL): readonly Finding[] {
  const findings = [
    finding(
      'address',
      'ok',
      `${maskUrl(url.href)}: ${url.protocol.slice(0, -1)}, host ${url.hostname}, port ${portOf(url)}`
    )
  ]
  const written = domainToUnicode(url.hostname)
  if (written !== '' && written !== url.hostname)
    findings.push(finding('address', 'note', `${url.hostname} is how ${written} is written on the network`))
  if (url.hash !== '') findings.push(finding('address', 'note', 'what follows # is not sent'))
  if (url.username !== '' || url.password !== '') {
    findings.push(
      warning(
        'address',
        'the address holds a name or a password, which the process list and the history of the shell show',
        'Give it as -u env:NAME or -u @FILE instead.'
      )
    )
  }
  return findings
}

/** What the address is asked as, after hosts had their say about TLS. */
export function inspectScheme(url: URL, strictHost: string | undefined): readonly Finding[] {
  if (url.protocol === 'https:') return []
  if (strictHost === undefined) {
    return [finding('address', 'note', 'http is not encrypted: anybody on the way can read and change it')]
  }
  return [finding('address', 'ok', `asked over https: ${strictHost} has insisted on it (HSTS)`)]
}
