import {bypassesProxy, chooseProxy, portOf, proxyName, TransferError} from '../../engine/index.ts'
import type {ConfigurationKeys} from '../../engine/index.ts'
import {finding, problem} from './finding.ts'
import type {Finding} from './finding.ts'

type Environment = Readonly<Record<string, string | undefined>>
type ProxyKeys = ConfigurationKeys['proxy']

/** What is asked, and where. */
export interface AskedFrom {
  readonly url: URL
  readonly environment: Environment
}

/** Which proxy is used for an address, how, and who said so. */
export function inspectProxy(keys: ProxyKeys, {url, environment}: AskedFrom): readonly Finding[] {
  try {
    const {kind, proxy} = chooseProxy(keys, url)
    if (kind === 'direct') return [directly(keys, {url, environment})]
    const way =
      kind === 'forward'
        ? 'it is asked for the whole address'
        : 'it connects us and sees nothing of what follows'
    const who = proxy.user === undefined ? 'without a credential' : `as ${proxy.user}`
    const reason = sourceOf(given(keys, url) ?? '', ['url', url], environment)
    return [finding('proxy', 'ok', `${proxy.kind} proxy ${proxyName(proxy)}, ${who}: ${way} (${reason})`)]
  } catch (error) {
    if (error instanceof TransferError) return [problem('proxy', error)]
    throw error
  }
}

function directly(keys: ProxyKeys, {url, environment}: AskedFrom): Finding {
  const configured = given(keys, url)
  if (configured === undefined) return finding('proxy', 'ok', 'none: the server is asked directly')
  const port = portOf(url)
  const entry = keys.noProxy
    .flatMap(list => list.split(/[\s,]+/))
    .find(each => bypassesProxy([each], {host: url.hostname, port}))
  if (entry === undefined) return finding('proxy', 'ok', 'none: the configuration says so')
  const reason = sourceOf(keys.noProxy.join(','), ['noProxy'], environment)
  return finding('proxy', 'ok', `none: ${url.hostname} is excepted by ${JSON.stringify(entry)} (${reason})`)
}

function given({url: all, http, https}: ProxyKeys, url: URL): string | undefined {
  return (url.protocol === 'https:' ? https : http) ?? all
}

type Asked = readonly ['url', URL] | readonly ['noProxy']

/** The variable that says so, or else where it can come from. */
function sourceOf(value: string, asked: Asked, environment: Environment): string {
  const scheme = asked[0] === 'url' ? asked[1].protocol.slice(0, -1) : ''
  const names = asked[0] === 'url' ? [`${scheme}_proxy`, 'all_proxy'] : ['no_proxy']
  const variable = names
    .flatMap(name => [name, name.toUpperCase()])
    .find(name => value !== '' && environment[name] === value)
  return variable ?? (asked[0] === 'url' ? '-x or proxy.url' : '--noproxy or proxy.noProxy')
}
