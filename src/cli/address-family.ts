import {isIP} from 'node:net'
import {TransferError} from '../engine/index.ts'

/** Refuses an address written in the family that -4 or -6 rules out, as a name with no other address would be (exit 6). */
export function assertFamily(
  flags: {readonly ipv4?: true; readonly ipv6?: true},
  addresses: readonly URL[]
): void {
  const [flag, family] = flags.ipv6 ? ['-6', 6] : flags.ipv4 ? ['-4', 4] : []
  if (family === undefined) return
  for (const address of addresses) {
    const host = address.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) === 0 || isIP(host) === family) continue
    throw new TransferError(
      'HOST_NOT_RESOLVED',
      `${host} is no IPv${family} address, which ${flag} asks for`,
      {
        url: address,
        hint: `Leave ${flag} out, or write an IPv${family} address.`
      }
    )
  }
}
