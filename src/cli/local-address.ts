import {isIP} from 'node:net'
import {usageError} from './usage-error.ts'

/** The address to connect from: --interface names an address, or an interface that has one. */
export async function localAddress(given: string): Promise<string> {
  const plain = given.replace(/^(?:host|if)!/, '').replace(/^\[(.*)\]$/, '$1')
  if (isIP(plain) !== 0) return plain
  const {networkInterfaces} = await import('node:os')
  const addresses = networkInterfaces()[plain] ?? []
  const address = addresses.find(({family}) => family === 'IPv4') ?? addresses[0]
  if (address) return address.address
  throw usageError('--interface names neither an address nor a network interface of this machine')
}
