import {unescape} from 'node:querystring'
import {TransferError} from '../../transfer-error.ts'

/** A proxy, and who asks it. */
export interface ProxyAddress {
  readonly kind: 'http' | 'https' | 'socks5'
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
}

const kinds: Readonly<Record<string, ProxyAddress['kind']>> = {
  http: 'http',
  https: 'https',
  socks5: 'socks5',
  socks5h: 'socks5'
}
const defaultPorts = {http: 80, https: 443, socks5: 1080} as const

/**
 * Reads [SCHEME://][USER:PASSWORD@]HOST[:PORT]; without a scheme it is an http proxy. Throws CONFIGURATION_REFUSED, whose
 * message holds nothing of the text: it may contain a password.
 */
export function parseProxyAddress(text: string): ProxyAddress {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text) ?? []
  const kind = kinds[scheme.toLowerCase()]
  if (kind === undefined) throw refusal(foreignScheme(scheme.toLowerCase()))
  // Userinfo ends at the last @, and a port of 80 must not be lost as the default of what only lends its grammar here.
  const authority = rest.slice(rest.lastIndexOf('@') + 1)
  const address = /[\x00-\x20\x7F]/.test(rest) ? null : URL.parse(`http://${rest}`)
  if (!address || address.hostname === '') throw refusal('cannot be read')
  if (address.pathname !== '/' || address.search || address.hash)
    throw refusal('names a path; a proxy has none')
  const port = Number(/:(\d+)\/?$/.exec(authority)?.[1] ?? defaultPorts[kind])
  if (port === 0) throw refusal('names the port 0')
  return {
    kind,
    host: address.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''),
    port,
    user: address.username === '' ? undefined : unescape(address.username),
    password: address.username === '' ? undefined : unescape(address.password)
  }
}

/** How people are told of a proxy: without its credential. */
export function nameOf({host, port}: ProxyAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function foreignScheme(scheme: string): string {
  if (/^socks4a?$/.test(scheme)) return 'speaks SOCKS4, which knows no names and no passwords: use socks5://'
  return 'has a scheme that is not spoken: http, https, socks5 or socks5h'
}

function refusal(why: string): TransferError {
  return new TransferError('CONFIGURATION_REFUSED', `The address of the proxy ${why}`, {
    hint: 'Give it as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.'
  })
}
