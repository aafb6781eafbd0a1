import {isIP} from 'node:net'
import {usageError} from './usage-error.ts'

/** Reads --resolve: HOST:PORT:ADDRESS[,ADDRESS], IPv6 in brackets or bare. Keys of the result are "host:port". */
export function parseResolve(given: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const table: Record<string, readonly string[]> = {}
  for (const entry of given) {
    const match = /^\+?([^:\s]+|\[[0-9a-f:.]+\]):(\d{1,5}):(\S+)$/i.exec(entry)
    const [host, port, list] = [match?.[1], match?.[2], match?.[3]]
    const addresses = (list ?? '').split(',').map(address => address.replace(/^\[(.*)\]$/, '$1'))
    if (host === undefined || port === undefined || !addresses.every(address => isIP(address) !== 0)) {
      throw usageError('--resolve needs HOST:PORT:ADDRESS, e.g. example.com:443:192.0.2.7')
    }
    table[`${host.toLowerCase()}:${port}`] = addresses
  }
  return table
}
