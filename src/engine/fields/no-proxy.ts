/** Whom a request asks: the host as a URL has it, and the port. */
export interface ProxiedHost {
  readonly host: string
  readonly port: number
}

/**
 * Is a host asked directly by a list such as NO_PROXY? Entries (also several in one text, between commas or blanks) are
 * names, which hold for what lies below them too, with or without a dot or *. before them; IP addresses; CIDR ranges;
 * each name and address with :port where only that port is meant; and * for everything. What cannot be read holds for
 * nothing.
 */
export function bypassesProxy(list: readonly string[], {host, port}: ProxiedHost): boolean {
  const name = bareName(host)
  const address = addressOf(name)
  return list.some(text =>
    text
      .split(/[\s,]+/)
      .filter(entry => entry !== '')
      .some(entry => holdsFor(entry, {name, address, port}))
  )
}

interface Asked {
  readonly name: string
  readonly address: Address | undefined
  readonly port: number
}

function holdsFor(entry: string, {name, address, port}: Asked): boolean {
  if (entry === '*') return true
  const {host, port: own} = splitPort(entry)
  if (own !== undefined && own !== port) return false
  const range = rangeOf(host)
  if (range) return address !== undefined && isWithin(address, range)
  if (address || host.includes('/')) return false
  const domain = bareName(host).replace(/^\*?\./, '')
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`))
}

function splitPort(entry: string): {host: string; port: number | undefined} {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(entry) ?? []
  const host = bracketed ?? plain
  // An IPv6 address without brackets has no port.
  return host === undefined ? {host: entry, port: undefined} : {host, port: port ? Number(port) : undefined}
}

function bareName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/** The groups of an IPv6 address, or the parts of an IPv4 one. */
interface Address {
  readonly bits: 8 | 16
  readonly parts: readonly number[]
}

interface Range extends Address {
  readonly prefix: number
}

function rangeOf(host: string): Range | undefined {
  const [, text = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(host) ?? []
  const address = addressOf(bareName(text))
  if (!address) return undefined
  const whole = address.bits * address.parts.length
  const length = prefix === undefined ? whole : Number(prefix)
  return length <= whole ? {...address, prefix: length} : undefined
}

function isWithin(address: Address, {bits, parts, prefix}: Range): boolean {
  if (address.bits !== bits) return false
  return parts.every((part, index) => {
    const significant = Math.min(Math.max(prefix - index * bits, 0), bits)
    const ignored = 2 ** (bits - significant)
    return Math.floor(part / ignored) === Math.floor((address.parts[index] ?? -1) / ignored)
  })
}

function addressOf(text: string): Address | undefined {
  const four = ipv4(text)
  if (four) return {bits: 8, parts: four}
  const groups = ipv6(text)
  if (!groups) return undefined
  // ::ffff:0:0/96 is IPv4 in other words (RFC 4291, 2.5.5.2).
  const isMapped = groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff
  if (!isMapped) return {bits: 16, parts: groups}
  return {bits: 8, parts: groups.slice(6).flatMap(group => [group >> 8, group & 0xff])}
}

function ipv4(text: string): readonly number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const parts = text.split('.').map(Number)
  return parts.every(part => part < 256) ? parts : undefined
}

function ipv6(text: string): readonly number[] | undefined {
  const [, start = '', last] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  const embedded = last === undefined ? undefined : ipv4(last)
  if (last !== undefined && !embedded) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = embedded ?? []
  const plain = embedded ? `${start}${hex(a * 256 + b)}:${hex(c * 256 + d)}` : text
  const halves = plain.split('::')
  if (halves.length > 2 || !plain.includes(':')) return undefined
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...tail]
  if (!groups.every(group => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  return groups.map(group => Number.parseInt(group, 16))
}

function hex(group: number): string {
  return group.toString(16)
}
