import {isIP} from 'node:net'
import type {Hop} from '../dial.ts'
import type {Parley} from './parley.ts'
import type {ProxyAddress} from './proxy-address.ts'

const socksVersion = 5
const none = 0
const password = 2
const noneOfThese = 0xff

// RFC 1928, 6.
const replies: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'does not allow this connection',
  3: 'cannot reach the network',
  4: 'cannot reach the host',
  5: 'was refused by the host',
  6: 'waited for the host too long',
  7: 'cannot make connections',
  8: 'does not know this kind of address'
}

/** Asks a SOCKS5 proxy to connect us with a host (RFC 1928), whose name the proxy looks up. */
export async function socks5(parley: Parley, target: Hop, proxy: ProxyAddress): Promise<void> {
  const methods = proxy.user === undefined ? [none] : [none, password]
  parley.say(Buffer.from([socksVersion, methods.length, ...methods]))
  const [version, method] = await parley.take(2)
  if (version !== socksVersion) throw parley.refusal('does not speak SOCKS5')
  if (method === password && proxy.user !== undefined) await signIn(parley, proxy)
  else if (method === noneOfThese) throw refusedMethods(parley, proxy)
  else if (method !== none) throw parley.refusal('chose a way to sign in that was not offered')
  parley.say(
    Buffer.from([socksVersion, 1, 0, ...addressOf(parley, target), target.port >> 8, target.port & 0xff])
  )
  const [, reply = 1, , kind] = await parley.take(4)
  if (reply !== 0) {
    throw parley.refusal(`${replies[reply] ?? `answered ${reply}`}: ${target.host}:${target.port}`)
  }
  // Where the proxy connects from is of no use here, but it stands before the first byte of the host.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? ((await parley.take(1))[0] ?? 0) : undefined
  if (length === undefined) throw parley.refusal('does not speak SOCKS5')
  await parley.take(length + 2)
}

/** RFC 1929. */
async function signIn(parley: Parley, {user = '', password = ''}: ProxyAddress): Promise<void> {
  const [name, word] = [Buffer.from(user), Buffer.from(password)]
  if (name.length > 255 || word.length > 255)
    throw parley.refusal('takes names and passwords of at most 255 bytes')
  parley.say(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([word.length]), word]))
  const [, status] = await parley.take(2)
  if (status !== 0) throw parley.refusal('refuses the name or the password', 'Check --proxy-user.')
}

function refusedMethods(parley: Parley, {user}: ProxyAddress): Error {
  return user === undefined
    ? parley.refusal('wants to know who asks', 'Give name and password with --proxy-user.')
    : parley.refusal('takes neither name and password nor nobody')
}

function addressOf(parley: Parley, {host}: Hop): readonly number[] {
  const family = isIP(host)
  if (family === 4) return [1, ...host.split('.').map(Number)]
  if (family === 6) return [4, ...groupsOf(host).flatMap(group => [group >> 8, group & 0xff])]
  const name = Buffer.from(host)
  if (name.length > 255) throw parley.refusal('takes names of at most 255 bytes')
  return [3, name.length, ...name]
}

// Addresses come out of a URL, where IPv6 is written in hexadecimal groups alone.
function groupsOf(host: string): readonly number[] {
  const [head = [], tail] = host.split('::').map(half => (half === '' ? [] : half.split(':')))
  const missing = tail ? 8 - head.length - tail.length : 0
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])]
  return groups.map(group => Number.parseInt(group, 16))
}
