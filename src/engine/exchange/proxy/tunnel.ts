import type {Socket} from 'node:net'
import type {Hop} from '../dial.ts'
import {connectTunnel} from './connect-tunnel.ts'
import {Parley} from './parley.ts'
import {nameOf} from './proxy-address.ts'
import type {ProxyAddress} from './proxy-address.ts'
import type {ProxyAuthenticator} from './proxy-authenticator.ts'
import {socks5} from './socks5.ts'

export interface Tunnelling {
  readonly target: Hop
  readonly proxy: ProxyAddress
  readonly authenticator: ProxyAuthenticator | undefined
}

/** Turns a connection to a proxy into one to the target. Rejects with PROXY_HANDSHAKE, or with the 407 of the proxy. */
export async function openTunnel(socket: Socket, {target, proxy, authenticator}: Tunnelling): Promise<void> {
  const parley = new Parley(socket, nameOf(proxy))
  if (proxy.kind === 'socks5') await socks5(parley, target, proxy)
  else {
    const uri = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
    await connectTunnel(parley, uri, authenticator?.next({method: 'CONNECT', uri}))
  }
  parley.end()
}
