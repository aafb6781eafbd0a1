import type {ConfigurationChanges} from '../engine/index.ts'
import {readAuthorities} from './authorities.ts'
import {readClientCertificate} from './client-certificate.ts'
import {cookieChanges} from './cookie-arguments.ts'
import {countOf, dailyWindowOf, durationOf, positiveCountOf, sizeOf} from './flag-values.ts'
import {localAddress} from './local-address.ts'
import {readNetrc} from './netrc-file.ts'
import {parseResolve} from './parse-resolve.ts'
import {readPinnedKeys} from './pinned-keys.ts'
import {present} from './present.ts'
import {proxyChanges} from './proxy-arguments.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

type Reader<V> = (flag: string, text: string) => V

/** What the flags change of the session's configuration. Rejects with USAGE, CA_FILE, CLIENT_CERTIFICATE or READ_FAILED. */
export async function resolveConfiguration(flags: TransferFlags): Promise<ConfigurationChanges> {
  const read = <V>(name: keyof TransferFlags & string, reader: Reader<V>): V | undefined => {
    const text = flags[name]
    return typeof text === 'string' ? reader(`--${name}`, text) : undefined
  }
  return {
    timeouts: present({
      connect: read('connect-timeout', durationOf),
      idle: read('idle-timeout', durationOf),
      total: read('max-time', durationOf)
    }),
    retry: present({
      attempts: read('retry', countOf),
      delay: read('retry-delay', durationOf),
      maxTime: read('retry-max-time', durationOf),
      allErrors: flags['retry-all-errors']
    }),
    limits: present({
      rate: read('limit-rate', sizeOf),
      // As in curl, each of the two means something without the other.
      lowSpeed: read('speed-limit', sizeOf) ?? (flags['speed-time'] === undefined ? undefined : 1),
      lowSpeedTime: read('speed-time', durationOf),
      maxFileSize: read('max-filesize', sizeOf)
    }),
    ...present({
      waitsForConnectivity: flags['wait-for-network'],
      maxParallelTasks: read('parallel-max', positiveCountOf),
      maxConnectionsPerHost: read('parallel-max-host', positiveCountOf)
    }),
    credentials: present({negotiate: flags.negotiate, netrc: await readNetrc(flags)}),
    cookies: await cookieChanges(flags),
    cache: present({store: flags['no-store'] ? false : undefined}),
    discretionary: present({window: read('window', dailyWindowOf)}),
    redirects: redirectChanges(flags, read('max-redirs', countOf)),
    tls: await tlsChanges(flags),
    proxy: await proxyChanges(flags),
    network: await networkChanges(flags)
  }
}

function redirectChanges(
  flags: TransferFlags,
  max: number | undefined
): NonNullable<ConfigurationChanges['redirects']> {
  return present({
    max,
    follow: flags['no-location'] ? false : undefined,
    allowDowngrade: flags['allow-downgrade'],
    trusted: flags['location-trusted']
  })
}

async function tlsChanges(flags: TransferFlags): Promise<NonNullable<ConfigurationChanges['tls']>> {
  const min = flags['tlsv1.3'] ? 'TLSv1.3' : flags['tlsv1.2'] ? 'TLSv1.2' : undefined
  const highest = flags['tls-max']
  const max = highest === undefined || highest === 'default' ? undefined : (`TLSv${highest}` as const)
  if (min === 'TLSv1.3' && max === 'TLSv1.2') {
    throw usageError('--tlsv1.3 and --tls-max 1.2 leave no version to speak')
  }
  const ca = await readAuthorities({file: flags.cacert, folder: flags.capath})
  const pinned = flags.pinnedpubkey
  const pins = pinned === undefined ? undefined : await readPinnedKeys(pinned)
  return present({min, max, ca, pins, insecure: flags.insecure, ...(await readClientCertificate(flags))})
}

async function networkChanges(flags: TransferFlags): Promise<NonNullable<ConfigurationChanges['network']>> {
  const family = flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined
  return present({
    family,
    localAddress: flags.interface === undefined ? undefined : await localAddress(flags.interface),
    resolve: flags.resolve === undefined ? undefined : parseResolve(flags.resolve),
    http2: flags.http2 ? true : undefined
  })
}
