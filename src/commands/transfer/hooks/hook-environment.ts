import type {TransferFlags} from '../../../cli/transfer-flags.ts'
import type {ConfigurationKeys, HostRules} from '../../../engine/index.ts'
import {maskHeader} from '../../../ui/mask.ts'

/** Where a run has its secrets from. */
export interface SecretSources {
  readonly flags: TransferFlags
  readonly keys: ConfigurationKeys
}

// A shorter value stands in many that have nothing to do with it.
const shortestPart = 6
// A hook may need the way to the network; the login for it goes to the proxy alone.
const proxyVariable = /_proxy$/i

/**
 * The environment of a hook: that of the user, without the variables that hold a secret of this run: those that a flag
 * names (env:NAME), and those with a secret of the session as their value or a part of it.
 */
export function hookEnvironment(environment: NodeJS.ProcessEnv, sources: SecretSources): NodeJS.ProcessEnv {
  const names = new Set(namedVariables(sources.flags))
  const {keys} = sources
  const secrets = [...new Set([keys, ...Object.values(keys.hosts)].flatMap(secretsOf))]
  const kept = Object.entries(environment).filter(
    ([name, value = '']) =>
      !names.has(name) && (proxyVariable.test(name) || !secrets.some(secret => isIn(value, secret)))
  )
  return Object.fromEntries(kept)
}

function isIn(value: string, secret: string): boolean {
  return secret.length >= shortestPart
    ? value.includes(secret)
    : value === secret || value.endsWith(`:${secret}`)
}

function namedVariables(flags: TransferFlags): readonly string[] {
  const values: readonly unknown[] = Object.values(flags).flat()
  return values.flatMap(value => (typeof value === 'string' ? (/^env:(.+)$/s.exec(value)?.[1] ?? []) : []))
}

function secretsOf({credentials, proxy, tls, headers}: HostRules): readonly string[] {
  const secrets = [credentials?.password, credentials?.bearer, proxy?.password, tls?.passphrase]
  for (const [name, value = ''] of Object.entries(headers ?? {})) {
    // The last word too: what follows the scheme of an Authorization.
    if (maskHeader(name, value) !== value) secrets.push(value, value.split(' ').at(-1))
  }
  return secrets.flatMap(secret => secret || [])
}
