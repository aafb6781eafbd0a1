import net from 'node:net'
import type {LookupFunction} from 'node:net'
import type {ConfigurationKeys} from '../configuration-keys.ts'

// A dead address family must not cost the user a second.
const attemptTimeout = 400

/** Who a socket is opened to: the origin, or the proxy on the way. */
export interface Hop {
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly protocol: 'http:' | 'https:'
  /** The name its certificate must have; empty for an address. */
  readonly serverName: string
}

/** How a socket is opened under the rules of a session: family, local address and fixed addresses of names. */
export function addressOptions(
  network: ConfigurationKeys['network'],
  {host, port}: Hop
): net.TcpNetConnectOpts {
  const fixed = network.resolve[`${host}:${port}`] ?? network.resolve[`*:${port}`]
  return {
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
    ...(network.family ? {family: network.family} : {}),
    ...(network.localAddress ? {localAddress: network.localAddress} : {}),
    ...(fixed ? {lookup: fixedLookup(fixed)} : {})
  }
}

function fixedLookup(addresses: readonly string[]): LookupFunction {
  const records = addresses.map(address => ({
    address: bareHost(address),
    family: net.isIP(bareHost(address))
  }))
  return (_host, options, callback) => {
    const usable = records.filter(({family}) => !options.family || options.family === family)
    if (options.all) callback(null, usable)
    else callback(null, usable[0]?.address ?? '', usable[0]?.family)
  }
}

/** The name to ask for in a TLS handshake: none for an address (RFC 6066, 3). */
export function serverNameOf(host: string): string {
  const bare = bareHost(host)
  return net.isIP(bare) ? '' : bare
}

export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
