import type {ConfigurationKeys} from '../../configuration-keys.ts'
import {rulesFor} from '../../host-rules.ts'

type Credentials = Partial<ConfigurationKeys['credentials']>

/** What the rules for single hosts give an address that a server has led to, and nothing of the session as a whole. */
export interface HostIdentity {
  readonly headers: Readonly<Record<string, string>>
  readonly credentials: Credentials
}

/** Finds it: of several rules the closest wins, key by key. */
export function hostIdentity({hosts}: ConfigurationKeys, url: URL): HostIdentity {
  const headers: Record<string, string> = {}
  const credentials: {-readonly [K in keyof Credentials]: Credentials[K]} = {}
  for (const name of rulesFor(hosts, url, 'redirected')) {
    Object.assign(headers, hosts[name]?.headers)
    Object.assign(credentials, hosts[name]?.credentials)
  }
  return {headers, credentials}
}
