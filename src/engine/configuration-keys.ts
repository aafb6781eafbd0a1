/**
 * The keys of a session (names as `ferry sessions show --json` prints them). Times are seconds, fractions
 * allowed; sizes are bytes. What a key cannot mean on this machine is refused where the configuration is made.
 */
export interface ConfigurationKeys {
  /** Names a background session for good; no other kind has one (P1). */
  readonly identifier: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: {
    /** Seconds for lookup, TCP and TLS of one connection (curl's --connect-timeout). */
    readonly connect: number
    /** Seconds without a byte, headers included (timeoutIntervalForRequest, P3). */
    readonly idle: number
    /** Seconds for the whole task, waiting and retries included (timeoutIntervalForResource, P4). */
    readonly total: number
  }
  readonly waitsForConnectivity: boolean
  readonly maxConnectionsPerHost: number
  readonly maxParallelTasks: number
  readonly cache: {
    /** How a data task uses what is stored (NSURLRequest.CachePolicy, P2). Downloads never do. */
    readonly policy: CachePolicy
    /** May answers be stored? --no-store says no. */
    readonly store: boolean
    /** Bytes of bodies kept in memory and on disk; 0 = none (P20). */
    readonly memoryBytes: number
    readonly diskBytes: number
  }
  readonly cookies: {
    readonly accept: 'always' | 'never' | 'mainDocument'
    readonly send: boolean
    /** A cookie file (Netscape format) instead of the session's store, read and written; none = no cookies (P16). */
    readonly jar: string | undefined
    /** Cookie files that are read beside the store and never written. */
    readonly sources: readonly string[]
  }
  readonly credentials: {
    /** Where credentials that worked are kept (NSURLCredential.Persistence); none = not at all. */
    readonly persistence: 'none' | 'session' | 'permanent'
    /** Answers challenges for a name and password, at the origin of a task's own URL or at this host alone (hosts). */
    readonly user: string | undefined
    readonly password: string | undefined
    /** Sent with every request to the origin of a task's own URL, or to this host alone (hosts). */
    readonly bearer: string | undefined
    /** Text of a netrc file: names and passwords by host. */
    readonly netrc: string | undefined
    /** Answer Negotiate with the user's own Kerberos ticket. */
    readonly negotiate: boolean
  }
  readonly proxy: {
    /** http:, https:, socks5: or socks5h: for every request; userinfo is its credential. */
    readonly url: string | undefined
    /** For http or https addresses alone; they win over url. */
    readonly http: string | undefined
    readonly https: string | undefined
    /** Hosts that are asked directly: names with their subdomains, host:port, IP addresses, CIDR ranges, * = all. */
    readonly noProxy: readonly string[]
    readonly user: string | undefined
    readonly password: string | undefined
  }
  readonly tls: {
    readonly min: 'TLSv1.2' | 'TLSv1.3' | undefined
    readonly max: 'TLSv1.2' | 'TLSv1.3' | undefined
    /** PEM text of the authorities to trust instead of the built-in and system ones. */
    readonly ca: string | undefined
    /** PEM text of the client certificate, with its chain: shown to every server that asks for one. */
    readonly cert: string | undefined
    /** PEM text of its private key; undefined = it is in cert. */
    readonly key: string | undefined
    /** PKCS#12 in base64, instead of cert and key. */
    readonly pkcs12: string | undefined
    /** For an encrypted key. Never stored, like the key. */
    readonly passphrase: string | undefined
    /** Base64 SHA-256 of the public keys (SubjectPublicKeyInfo) that a server may have; none = any. */
    readonly pins: readonly string[]
    /** Accept any certificate. Never stored (P14). */
    readonly insecure: boolean
  }
  readonly redirects: {
    readonly max: number
    /** false: a 3xx is the result (curl without -L). */
    readonly follow: boolean
    readonly allowDowngrade: boolean
    /** Keep secrets across origins (curl's --location-trusted). */
    readonly trusted: boolean
  }
  readonly retry: {
    /** New attempts in a row that may bring no byte before it is given up; 0 never tries again. */
    readonly attempts: number
    /** Seconds before the first retry; undefined doubles from half a second with jitter. */
    readonly delay: number | undefined
    /** Seconds from the task's start after which no retry begins; undefined = timeouts.total alone. */
    readonly maxTime: number | undefined
    /** Retry every HTTP status of 400 and above, and every transport error (curl's sledgehammer). */
    readonly allErrors: boolean
  }
  readonly limits: {
    /** Bytes a second, all tasks of the session together; undefined = none. */
    readonly rate: number | undefined
    /** Bytes a second below which a transfer counts as stalled, for lowSpeedTime seconds. */
    readonly lowSpeed: number | undefined
    readonly lowSpeedTime: number
    readonly maxFileSize: number | undefined
  }
  readonly uploads: {
    /** How uploads of files are made resumable; auto asks each server once, and remembers its answer. */
    readonly resumable: 'auto' | 'tus' | 'ietf' | 'none'
    /**
     * optimistic: content goes with the request that begins the upload. careful: that request is empty, for ways on which
     * interim answers are lost (U9).
     */
    readonly mode: 'optimistic' | 'careful'
    /** Of draft-ietf-httpbis-resumable-upload, as a server speaks it (U1). */
    readonly interopVersion: InteropVersion
    /**
     * Seconds to wait for 100 (Continue) before a large body is sent (RFC 9110, 10.1.1); 0 = do not ask for it.
     */
    readonly expectTimeout: number
  }
  readonly discretionary: {
    /**
     * "HH:MM-HH:MM", local time: tasks of a background session run only then. It may cross midnight; no other kind has one
     * (isDiscretionary, P8).
     */
    readonly window: string | undefined
  }
  readonly network: {
    /** 4 or 6: only that address family; undefined = both. */
    readonly family: 4 | 6 | undefined
    /** Local address to connect from. */
    readonly localAddress: string | undefined
    /** Names that resolve to given addresses: "host:port" -> addresses (curl's --resolve). */
    readonly resolve: Readonly<Record<string, readonly string[]>>
    readonly http2: boolean
  }
  /** The same keys for one host: "host", "host:port" or "*.domain"; the closest name wins. */
  readonly hosts: Readonly<Record<string, HostRules>>
}

/** Interop versions of the resumable upload draft that servers speak: 3, 5 and 6 are those of NSURLSession. */
export type InteropVersion = 3 | 5 | 6 | 7 | 8

/** NSURLRequest.CachePolicy: protocol = as HTTP says. cacheOnly never asks the server. */
export type CachePolicy = 'protocol' | 'reload' | 'revalidate' | 'cacheElseLoad' | 'cacheOnly'

/** The keys that may differ from host to host; the others are the session's as a whole. */
export type HostRules = DeepPartial<
  Pick<ConfigurationKeys, (typeof hostGroups)[number]> & Pick<ConfigurationKeys, 'maxConnectionsPerHost'>
>

export const hostGroups = [
  'headers',
  'timeouts',
  'cache',
  'cookies',
  'credentials',
  'proxy',
  'tls',
  'redirects',
  'retry',
  'limits',
  'uploads',
  'network'
] as const

export type DeepPartial<T> = {
  readonly [K in keyof T]?: T[K] extends Readonly<Record<string, unknown>> ? DeepPartial<T[K]> | T[K] : T[K]
}

/** Changes to a configuration: the named keys only, at any depth. */
export type ConfigurationChanges = DeepPartial<ConfigurationKeys>

export const defaults: ConfigurationKeys = {
  identifier: undefined,
  headers: {},
  timeouts: {connect: 30, idle: 60, total: 7 * 24 * 3600},
  waitsForConnectivity: false,
  maxConnectionsPerHost: 6,
  maxParallelTasks: 6,
  cache: {policy: 'protocol', store: true, memoryBytes: 4 << 20, diskBytes: 64 << 20},
  cookies: {accept: 'mainDocument', send: true, jar: undefined, sources: []},
  credentials: {
    persistence: 'session',
    user: undefined,
    password: undefined,
    bearer: undefined,
    netrc: undefined,
    negotiate: false
  },
  proxy: {
    url: undefined,
    http: undefined,
    https: undefined,
    noProxy: [],
    user: undefined,
    password: undefined
  },
  tls: {
    min: undefined,
    max: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    pkcs12: undefined,
    passphrase: undefined,
    pins: [],
    insecure: false
  },
  redirects: {max: 20, follow: true, allowDowngrade: false, trusted: false},
  retry: {attempts: 5, delay: undefined, maxTime: undefined, allErrors: false},
  limits: {rate: undefined, lowSpeed: undefined, lowSpeedTime: 30, maxFileSize: undefined},
  uploads: {resumable: 'auto', mode: 'optimistic', interopVersion: 8, expectTimeout: 1},
  discretionary: {window: undefined},
  network: {family: undefined, localAddress: undefined, resolve: {}, http2: false},
  hosts: {}
}
