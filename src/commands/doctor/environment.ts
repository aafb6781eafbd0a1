import {maskUrl} from '../../ui/mask.ts'
import {finding, warning} from './finding.ts'
import type {Finding} from './finding.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What each variable changes that ferry, or Node below it, looks at. */
const meanings: readonly (readonly [name: string, effect: string])[] = [
  ['FERRY_HOME', 'all folders of ferry are under it'],
  ['XDG_CONFIG_HOME', 'sessions are kept below it'],
  ['XDG_STATE_HOME', 'stores are kept below it'],
  ['XDG_RUNTIME_DIR', 'sockets are below it'],
  ['http_proxy', 'proxy for http addresses'],
  ['HTTP_PROXY', 'proxy for http addresses'],
  ['https_proxy', 'proxy for https addresses'],
  ['HTTPS_PROXY', 'proxy for https addresses'],
  ['all_proxy', 'proxy for all addresses'],
  ['ALL_PROXY', 'proxy for all addresses'],
  ['no_proxy', 'hosts that are asked directly'],
  ['NO_PROXY', 'hosts that are asked directly'],
  ['NODE_EXTRA_CA_CERTS', 'its authorities are trusted too'],
  ['NODE_USE_SYSTEM_CA', 'the authorities of the system are among the built-in ones'],
  ['SSL_CERT_FILE', 'where Node finds the authorities of the system'],
  ['SSL_CERT_DIR', 'where Node finds the authorities of the system'],
  ['NODE_OPTIONS', 'how Node runs'],
  ['NO_COLOR', 'no colours'],
  ['CI', 'no drawing: progress in lines'],
  ['TERM', 'dumb: no drawing, no colours']
]

// Set by most systems to what they are set to anyway.
const quietUnless: Readonly<Record<string, (value: string) => boolean>> = {TERM: value => value === 'dumb'}

/** The variables that change something here. */
export function inspectEnvironment(environment: Environment): readonly Finding[] {
  const findings = meanings.flatMap(([name, effect]) => {
    const value = environment[name]
    if (value === undefined || value === '' || !(quietUnless[name]?.(value) ?? true)) return []
    return [finding('environment', 'note', `${name}=${maskUrl(value)}: ${effect}`)]
  })
  const dangers = dangersIn(environment)
  if (findings.length === 0 && dangers.length === 0)
    return [finding('environment', 'ok', 'no variable changes anything')]
  return [...dangers, ...findings]
}

function dangersIn(environment: Environment): readonly Finding[] {
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return []
  const message = 'NODE_TLS_REJECT_UNAUTHORIZED=0 is set; ferry checks certificates all the same'
  const hint = 'Unset it, for the sake of other programs; -k switches the check off for one run.'
  return [warning('environment', message, hint)]
}
