import * as type from './value-type.ts'
import type {ValueType} from './value-type.ts'

/** One key of a session's configuration, declared once: set, show, the file's check and the help read this. */
export interface KeyDefinition {
  readonly type: ValueType
  /** host: may also be given for one host, as hosts.HOST.KEY. */
  readonly scope: 'session' | 'host'
  readonly summary: string
}

const host = 'host' as const
const session = 'session' as const

/** All keys that can be set, in the order in which they are shown. A final * stands for a name of one's own. */
export const keyDefinitions: Readonly<Record<string, KeyDefinition>> = {
  'headers.*': {type: type.headerValue, scope: host, summary: 'A header that every request carries.'},
  'timeouts.connect': {
    type: type.positiveSeconds,
    scope: host,
    summary: 'Time for looking up, connecting and TLS.'
  },
  'timeouts.idle': {type: type.positiveSeconds, scope: host, summary: 'Time without a byte.'},
  'timeouts.total': {
    type: type.positiveSeconds,
    scope: host,
    summary: 'Time for the whole task, waits and retries included.'
  },
  waitsForConnectivity: {
    type: type.onOff,
    scope: session,
    summary: 'Wait for a connection to become possible instead of failing.'
  },
  maxConnectionsPerHost: {type: type.positiveCount, scope: host, summary: 'Connections to one host at once.'},
  maxParallelTasks: {type: type.positiveCount, scope: session, summary: 'Transfers at once.'},
  'cache.policy': {
    type: type.oneOf('protocol', 'reload', 'revalidate', 'cacheElseLoad', 'cacheOnly'),
    scope: host,
    summary: 'How data tasks use stored answers.'
  },
  'cache.store': {type: type.onOff, scope: host, summary: 'Whether answers may be stored.'},
  'cache.memoryBytes': {
    type: type.bytes,
    scope: session,
    summary: 'Bytes of answers to keep in memory; 0 = none.'
  },
  'cache.diskBytes': {
    type: type.bytes,
    scope: session,
    summary: 'Bytes of answers to keep on disk; 0 = none.'
  },
  'cookies.accept': {
    type: type.oneOf('always', 'never', 'mainDocument'),
    scope: host,
    summary: 'Which cookies are stored.'
  },
  'cookies.send': {type: type.onOff, scope: host, summary: 'Whether stored cookies are sent.'},
  'cookies.jar': {
    type: type.jar,
    scope: session,
    summary: "A cookie file instead of the session's store; none = no cookies."
  },
  'cookies.sources': {type: type.paths, scope: session, summary: 'Cookie files to read and never to write.'},
  'credentials.persistence': {
    type: type.oneOf('none', 'session', 'permanent'),
    scope: host,
    summary: 'Where credentials that worked are kept.'
  },
  'credentials.user': {
    type: type.user,
    scope: host,
    summary: 'The user name, or a reference to NAME:PASSWORD.'
  },
  'credentials.password': {type: type.secret, scope: host, summary: 'A reference to the password.'},
  'credentials.bearer': {type: type.secret, scope: host, summary: 'A reference to a bearer token.'},
  'credentials.netrc': {type: type.path, scope: session, summary: 'A netrc file with names and passwords.'},
  'credentials.negotiate': {
    type: type.onOff,
    scope: host,
    summary: "Answer Negotiate with the user's own Kerberos ticket."
  },
  'proxy.url': {type: type.proxyAddress, scope: host, summary: 'The proxy that every request goes through.'},
  'proxy.noProxy': {
    type: type.lines('names, addresses or ranges with commas between', name => !/\s/.test(name)),
    scope: host,
    summary: 'Hosts that are asked directly; * = all.'
  },
  'proxy.user': {
    type: type.user,
    scope: host,
    summary: 'The user name at the proxy, or a reference to NAME:PASSWORD.'
  },
  'proxy.password': {type: type.secret, scope: host, summary: 'A reference to the password at the proxy.'},
  'tls.min': {type: type.oneOf('TLSv1.2', 'TLSv1.3'), scope: host, summary: 'The lowest version to speak.'},
  'tls.max': {type: type.oneOf('TLSv1.2', 'TLSv1.3'), scope: host, summary: 'The highest version to speak.'},
  'tls.ca': {
    type: type.path,
    scope: host,
    summary: 'PEM file or folder of the authorities to trust instead of the built-in ones.'
  },
  'tls.cert': {type: type.path, scope: host, summary: 'PEM file of the client certificate.'},
  'tls.key': {
    type: type.path,
    scope: host,
    summary: 'PEM file of its private key, where that is another one.'
  },
  'tls.pkcs12': {
    type: type.path,
    scope: host,
    summary: 'PKCS#12 file with certificate and key, instead of tls.cert and tls.key.'
  },
  'tls.passphrase': {
    type: type.secret,
    scope: host,
    summary: 'A reference to what opens the private key.'
  },
  'tls.pins': {type: type.pins, scope: host, summary: 'Public keys that servers may have; none = any.'},
  'redirects.max': {type: type.count, scope: host, summary: 'Redirections to follow at most.'},
  'redirects.follow': {type: type.onOff, scope: host, summary: 'false: a redirection is the result.'},
  'redirects.allowDowngrade': {
    type: type.onOff,
    scope: host,
    summary: 'Follow redirections from https to http.'
  },
  'redirects.trusted': {
    type: type.onOff,
    scope: host,
    summary: 'Send headers and credentials to every host that a redirection names.'
  },
  'retry.attempts': {
    type: type.count,
    scope: host,
    summary: 'New attempts in a row that may bring no byte before it is given up.'
  },
  'retry.delay': {type: type.seconds, scope: host, summary: 'Time before each retry, instead of doubling.'},
  'retry.maxTime': {type: type.seconds, scope: host, summary: 'Time after which no retry begins.'},
  'retry.allErrors': {type: type.onOff, scope: host, summary: 'Retry every HTTP error too.'},
  'limits.rate': {
    type: type.positiveBytes,
    scope: session,
    summary: 'Bytes a second, all tasks of a run together.'
  },
  'limits.lowSpeed': {
    type: type.bytes,
    scope: host,
    summary: 'Bytes a second below which a transfer counts as stalled.'
  },
  'limits.lowSpeedTime': {
    type: type.positiveSeconds,
    scope: host,
    summary: 'How long a transfer may stay below limits.lowSpeed.'
  },
  'limits.maxFileSize': {type: type.bytes, scope: host, summary: 'Refuse what is larger.'},
  'uploads.resumable': {
    type: type.oneOf('auto', 'tus', 'ietf', 'none'),
    scope: host,
    summary: 'How uploads of files are made resumable.'
  },
  'uploads.mode': {
    type: type.oneOf('optimistic', 'careful'),
    scope: host,
    summary: 'Whether content goes with the request that begins a resumable upload.'
  },
  'uploads.interopVersion': {
    type: type.oneOf(3, 5, 6, 7, 8),
    scope: host,
    summary: 'The version of the resumable upload draft that the server speaks.'
  },
  'uploads.expectTimeout': {
    type: type.seconds,
    scope: host,
    summary: 'Time to wait for 100 (Continue) before a large body; 0 = do not ask for it.'
  },
  'discretionary.window': {
    type: type.dailyWindow,
    scope: session,
    summary: 'When the tasks of a background session run, local time.'
  },
  'network.family': {type: type.oneOf(4, 6), scope: host, summary: 'Only addresses of this family.'},
  'network.localAddress': {
    type: type.line('an IP address of this machine', isAddress),
    scope: host,
    summary: 'The local address to connect from.'
  },
  'network.resolve.*': {
    type: type.addresses,
    scope: session,
    summary: 'Addresses of a HOST:PORT, instead of asking the name server.'
  },
  'network.http2': {type: type.onOff, scope: host, summary: 'Speak HTTP/2 where the server offers it.'},
  'hooks.onRedirect': hook('each redirection'),
  'hooks.onChallenge': hook('each challenge'),
  'hooks.onResponse': hook('each response'),
  'hooks.onCache': hook('each answer that could be stored'),
  'hooks.onComplete': {
    type: type.command,
    scope: session,
    summary: 'Run this command when a transfer has ended.'
  }
}

function isAddress(text: string): boolean {
  return type.addresses.accepts([text])
}

function hook(what: string): KeyDefinition {
  return {type: type.command, scope: session, summary: `Ask this command about ${what}.`}
}
