import {parseProxyAddress, TransferError} from '../engine/index.ts'
import type {ConfigurationChanges, ConfigurationKeys} from '../engine/index.ts'
import {usageError} from './usage-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the environment says about proxies, as far as the configuration says nothing of its own: http_proxy, https_proxy,
 * all_proxy and no_proxy; lower case wins, and an empty value is none. Throws USAGE, which names the variable.
 */
export function environmentProxies(
  {url, http, https, noProxy}: ConfigurationKeys['proxy'],
  environment: Environment
): NonNullable<ConfigurationChanges['proxy']> {
  const list = valueOf(environment, ['no_proxy', 'NO_PROXY'])
  const exceptions = list && noProxy.length === 0 ? {noProxy: [list.value]} : {}
  if (url !== undefined || http !== undefined || https !== undefined) return exceptions
  // In a CGI program HTTP_PROXY is the Proxy header of whoever asks (httpoxy, CVE-2016-5385).
  const isServing = environment['REQUEST_METHOD'] !== undefined
  return {
    ...exceptions,
    ...named('http', valueOf(environment, isServing ? ['http_proxy'] : ['http_proxy', 'HTTP_PROXY'])),
    ...named('https', valueOf(environment, ['https_proxy', 'HTTPS_PROXY'])),
    ...named('url', valueOf(environment, ['all_proxy', 'ALL_PROXY']))
  }
}

interface Variable {
  readonly name: string
  readonly value: string
}

function valueOf(environment: Environment, names: readonly string[]): Variable | undefined {
  const name = names.find(candidate => environment[candidate])
  return name === undefined ? undefined : {name, value: environment[name] ?? ''}
}

function named(key: 'http' | 'https' | 'url', variable: Variable | undefined): ConfigurationChanges['proxy'] {
  if (!variable) return {}
  try {
    parseProxyAddress(variable.value)
  } catch (error) {
    if (!(error instanceof TransferError)) throw error
    throw usageError(
      `The environment variable ${variable.name}: ${error.message}`,
      `Correct or unset ${variable.name}, or give -x PROXY; -x "" uses none.`
    )
  }
  return {[key]: variable.value}
}
