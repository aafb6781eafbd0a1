import type {ConfigurationKeys} from './configuration-keys.ts'
import {portOf} from './url-request.ts'

/**
 * How a session came to an address. asked: a person named it. redirected: a server did; then a rule without a port holds
 * for https on its own port alone, so that no redirection can lead a host's secrets to another service of that host, or
 * into the open.
 */
export type Encounter = 'asked' | 'redirected'

/** The names of the rules that hold for an address, the widest first: what comes later wins. */
export function rulesFor(
  hosts: ConfigurationKeys['hosts'],
  url: URL,
  encounter: Encounter = 'asked'
): readonly string[] {
  const names = Object.keys(hosts)
  if (names.length === 0) return names
  return names
    .filter(name => holdsFor(name.toLowerCase(), url, encounter))
    .toSorted((one, other) => weight(one) - weight(other))
}

function holdsFor(name: string, url: URL, encounter: Encounter): boolean {
  const {host, port} = splitPort(name)
  const isOwnPort = url.protocol === 'https:' && url.port === ''
  if (port === undefined && encounter === 'redirected' && !isOwnPort) return false
  if (port !== undefined && Number(port) !== portOf(url)) return false
  const asked = bare(url.hostname)
  return host.startsWith('*.') ? asked.endsWith(host.slice(1)) : asked === host
}

// A name with a port is closer than one without, and that closer than a whole domain, of which the longest is closest.
function weight(name: string): number {
  const {host, port} = splitPort(name)
  return (port === undefined ? 0 : 2000) + (host.startsWith('*.') ? host.length : 1000)
}

function splitPort(name: string): {host: string; port: string | undefined} {
  const [, host = '', port] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(name) ?? []
  return {host: bare(host), port}
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}
