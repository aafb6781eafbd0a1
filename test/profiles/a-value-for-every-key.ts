import type {StoredValue} from '../../src/profiles/profile.ts'

const digest = 'YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE='

/** For each key a value that is not its default: the words of `sessions set`, and what `show --json` prints of them. */
export const aValueForEveryKey: Readonly<Record<string, readonly [words: string, shown: StoredValue]>> = {
  'headers.*': ['X-Team=harbour', 'harbour'],
  'timeouts.connect': ['5', 5],
  'timeouts.idle': ['1m30s', 90],
  'timeouts.total': ['0.5', 0.5],
  waitsForConnectivity: ['true', true],
  maxConnectionsPerHost: ['2', 2],
  maxParallelTasks: ['3', 3],
  'cache.policy': ['cacheElseLoad', 'cacheElseLoad'],
  'cache.store': ['false', false],
  'cache.memoryBytes': ['1M', 1_048_576],
  'cache.diskBytes': ['0', 0],
  'cookies.accept': ['never', 'never'],
  'cookies.send': ['false', false],
  'cookies.jar': ['none', 'none'],
  'cookies.sources': ['/etc/one.txt, /etc/two.txt', ['/etc/one.txt', '/etc/two.txt']],
  'credentials.persistence': ['permanent', 'permanent'],
  'credentials.user': ['ana', 'ana'],
  'credentials.password': ['env:ANAS_PASSWORD', 'env:ANAS_PASSWORD'],
  'credentials.bearer': ['@/run/secrets/token', '@/run/secrets/token'],
  'credentials.netrc': ['/etc/netrc', '/etc/netrc'],
  'credentials.negotiate': ['true', true],
  'proxy.url': ['socks5h://127.0.0.1:1080', 'socks5h://127.0.0.1:1080'],
  'proxy.noProxy': ['["localhost","10.0.0.0/8"]', ['localhost', '10.0.0.0/8']],
  'proxy.user': ['env:PROXY_PAIR', 'env:PROXY_PAIR'],
  'proxy.password': ['-', '-'],
  'tls.min': ['TLSv1.2', 'TLSv1.2'],
  'tls.max': ['TLSv1.3', 'TLSv1.3'],
  'tls.ca': ['/etc/ca.pem', '/etc/ca.pem'],
  'tls.cert': ['/etc/client.pem', '/etc/client.pem'],
  'tls.key': ['/etc/client.key', '/etc/client.key'],
  'tls.pkcs12': ['/etc/client.p12', '/etc/client.p12'],
  'tls.passphrase': ['keychain:client key', 'keychain:client key'],
  'tls.pins': [digest, [digest]],
  'redirects.max': ['0', 0],
  'redirects.follow': ['false', false],
  'redirects.allowDowngrade': ['true', true],
  'redirects.trusted': ['true', true],
  'retry.attempts': ['9', 9],
  'retry.delay': ['0', 0],
  'retry.maxTime': ['2h', 7200],
  'retry.allErrors': ['true', true],
  'limits.rate': ['10M', 10_485_760],
  'limits.lowSpeed': ['1k', 1024],
  'limits.lowSpeedTime': ['7', 7],
  'limits.maxFileSize': ['2G', 2_147_483_648],
  'uploads.resumable': ['tus', 'tus'],
  'uploads.mode': ['careful', 'careful'],
  'uploads.interopVersion': ['6', 6],
  'uploads.expectTimeout': ['0', 0],
  'discretionary.window': ['23:00-06:30', '23:00-06:30'],
  'network.family': ['6', 6],
  'network.localAddress': ['127.0.0.1', '127.0.0.1'],
  'network.resolve.*': ['files.test:8443=127.0.0.1,::1', ['127.0.0.1', '::1']],
  'network.http2': ['true', true],
  'hooks.onRedirect': ['/opt/ask --redirect', '/opt/ask --redirect'],
  'hooks.onChallenge': ['/opt/ask', '/opt/ask'],
  'hooks.onResponse': ['/opt/ask', '/opt/ask'],
  'hooks.onCache': ['/opt/ask', '/opt/ask'],
  'hooks.onComplete': ['/opt/tell', '/opt/tell']
}

/** The word of `sessions set` for a key of the table. */
export function wordFor(key: string, [words]: readonly [string, StoredValue]): string {
  return key.endsWith('*') ? `${key.slice(0, -1)}${words}` : `${key}=${words}`
}

/** What stands in a configuration under a key of the table. */
export function shownUnder(configuration: unknown, key: string, words: string): unknown {
  const steps = key.endsWith('*')
    ? [...key.slice(0, -2).split('.'), words.slice(0, words.indexOf('='))]
    : key.split('.')
  return steps.reduce<unknown>(
    (found, step) =>
      typeof found === 'object' && found !== null
        ? new Map<string, unknown>(Object.entries(found)).get(step)
        : undefined,
    configuration
  )
}
