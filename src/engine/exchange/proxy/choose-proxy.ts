import type {ConfigurationKeys} from '../../configuration-keys.ts'
import {bypassesProxy} from '../../fields/no-proxy.ts'
import {nameOf, parseProxyAddress} from './proxy-address.ts'
import type {ProxyAddress} from './proxy-address.ts'
import {portOf} from '../../url-request.ts'

type ProxyKeys = ConfigurationKeys['proxy']

/**
 * How connections get to an address. forward: the proxy is asked for the whole address (RFC 9112, 3.2.2). tunnel: it
 * connects us with the host and understands nothing of what follows.
 */
export type Way =
  | {readonly kind: 'direct'; readonly proxy: undefined}
  | {readonly kind: 'forward' | 'tunnel'; readonly proxy: ProxyAddress}

const direct: Way = {kind: 'direct', proxy: undefined}

/** Which proxy is asked for an address, and how. Throws CONFIGURATION_REFUSED for a proxy that cannot be read. */
export function chooseProxy(keys: ProxyKeys, url: URL): Way {
  const isSecure = url.protocol === 'https:'
  const given = (isSecure ? keys.https : keys.http) ?? keys.url
  if (given === undefined || isDirect(given)) return direct
  if (bypassesProxy(keys.noProxy, {host: url.hostname, port: portOf(url)})) return direct
  const proxy = withCredential(parseProxyAddress(given), keys)
  return {kind: isSecure || proxy.kind === 'socks5' ? 'tunnel' : 'forward', proxy}
}

/** none, and nothing at all, say that there is no proxy where another setting names one. */
function isDirect(given: string): boolean {
  return given === '' || given === 'none'
}

function withCredential(proxy: ProxyAddress, keys: ProxyKeys): ProxyAddress {
  if (proxy.user !== undefined || keys.user === undefined || !isTheOnlyOne(proxy, keys)) return proxy
  return {...proxy, user: keys.user, password: keys.password ?? ''}
}

// A credential that does not say which of two proxies it is for is shown to neither (CVE-2026-7168).
function isTheOnlyOne(proxy: ProxyAddress, {url, http, https}: ProxyKeys): boolean {
  const meant = url === undefined || isDirect(url) ? [http, https] : [url]
  return meant
    .filter(given => given !== undefined)
    .filter(given => !isDirect(given))
    .every(given => {
      const other = parseProxyAddress(given)
      return other.kind === proxy.kind && nameOf(other) === nameOf(proxy)
    })
}
