import {TransferError} from './transfer-error.ts'

export type SessionKind = 'default' | 'ephemeral' | 'background'

/**
 * The keys of a session (spec 1F; names as `ferry sessions show --json` prints them). Times are seconds, fractions
 * allowed; sizes are bytes. What a key cannot mean on this machine is refused where the configuration is made.
 */
export interface ConfigurationKeys {
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
  readonly cookies: {readonly accept: 'always' | 'never' | 'mainDocument'; readonly send: boolean}
  readonly tls: {
    readonly min: 'TLSv1.2' | 'TLSv1.3' | undefined
    readonly max: 'TLSv1.2' | 'TLSv1.3' | undefined
    /** PEM text of the authorities to trust instead of the built-in and system ones. */
    readonly ca: string | undefined
    /** PEM text of the client certificate, with its chain: shown to every server that asks for one. */
    readonly cert: string | undefined
    /** PEM text of its private key; undefined = it is in cert. */
    readonly key: string | undefined
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
    /** Attempts in a row without a new byte before giving up; 0 never tries again. */
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
  readonly network: {
    /** 4 or 6: only that address family; undefined = both. */
    readonly family: 4 | 6 | undefined
    /** Local address to connect from. */
    readonly localAddress: string | undefined
    /** Names that resolve to given addresses: "host:port" -> addresses (curl's --resolve). */
    readonly resolve: Readonly<Record<string, readonly string[]>>
    readonly http2: boolean
  }
}

type DeepPartial<T> = {
  readonly [K in keyof T]?: T[K] extends Readonly<Record<string, unknown>> ? DeepPartial<T[K]> | T[K] : T[K]
}

/** Changes to a configuration: the named keys only, at any depth. */
export type ConfigurationChanges = DeepPartial<ConfigurationKeys>

const defaults: ConfigurationKeys = {
  headers: {},
  timeouts: {connect: 30, idle: 60, total: 7 * 24 * 3600},
  waitsForConnectivity: false,
  maxConnectionsPerHost: 6,
  maxParallelTasks: 6,
  cookies: {accept: 'mainDocument', send: true},
  tls: {
    min: undefined,
    max: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    passphrase: undefined,
    pins: [],
    insecure: false
  },
  redirects: {max: 20, follow: true, allowDowngrade: false, trusted: false},
  retry: {attempts: 5, delay: undefined, maxTime: undefined, allErrors: false},
  limits: {rate: undefined, lowSpeed: undefined, lowSpeedTime: 30, maxFileSize: undefined},
  network: {family: undefined, localAddress: undefined, resolve: {}, http2: false}
}

/**
 * URLSessionConfiguration: a deep-frozen value. A session takes it as it is; changing means making another (R4-R6, R58).
 */
export class SessionConfiguration {
  readonly kind: SessionKind
  readonly keys: ConfigurationKeys

  private constructor(kind: SessionKind, keys: ConfigurationKeys) {
    this.kind = kind
    this.keys = deepFreeze(keys)
    Object.freeze(this)
  }

  /** Stores of the user where the library's caller provides them; see Session. */
  static default(changes: ConfigurationChanges = {}): SessionConfiguration {
    return new SessionConfiguration('default', merge(defaults, changes))
  }

  /** Nothing on disk but the requested output (R8). */
  static ephemeral(changes: ConfigurationChanges = {}): SessionConfiguration {
    return new SessionConfiguration('ephemeral', merge(defaults, changes))
  }

  /** A copy with other values; this one stays as it is (R6). */
  with(changes: ConfigurationChanges): SessionConfiguration {
    return new SessionConfiguration(this.kind, merge(this.keys, changes))
  }
}

function merge(base: ConfigurationKeys, changes: ConfigurationChanges): ConfigurationKeys {
  // Freezing must not reach what belongs to the caller.
  const own = structuredClone(changes) as Tree
  const merged = mergeRecords(base as unknown as Tree, own) as unknown as ConfigurationKeys
  validate(merged)
  return merged
}

type Tree = {[key: string]: unknown}
const openRecords = new Set(['headers', 'resolve'])

function mergeRecords(base: Tree, changes: Tree): Tree {
  const merged: Tree = {}
  for (const key of Object.keys(changes)) {
    if (!Object.hasOwn(base, key))
      throw new TransferError('CONFIGURATION_REFUSED', `There is no configuration key "${key}"`)
  }
  for (const [key, value] of Object.entries(base)) {
    const change = changes[key]
    if (isTree(value)) {
      const changed = isTree(change) ? change : {}
      merged[key] = openRecords.has(key) ? {...value, ...changed} : mergeRecords(value, changed)
    } else merged[key] = Object.hasOwn(changes, key) ? change : value
  }
  return merged
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function validate(keys: ConfigurationKeys): void {
  const positive: readonly [string, number | undefined][] = [
    ['timeouts.connect', keys.timeouts.connect],
    ['timeouts.idle', keys.timeouts.idle],
    ['timeouts.total', keys.timeouts.total],
    ['maxConnectionsPerHost', keys.maxConnectionsPerHost],
    ['maxParallelTasks', keys.maxParallelTasks],
    ['limits.rate', keys.limits.rate],
    ['limits.lowSpeedTime', keys.limits.lowSpeedTime]
  ]
  for (const [name, value] of positive) {
    if (value !== undefined && !(value > 0)) refuse(name, 'must be greater than 0')
  }
  const wholes: readonly [string, number | undefined][] = [
    ['maxConnectionsPerHost', keys.maxConnectionsPerHost],
    ['maxParallelTasks', keys.maxParallelTasks],
    ['redirects.max', keys.redirects.max],
    ['retry.attempts', keys.retry.attempts],
    ['limits.maxFileSize', keys.limits.maxFileSize]
  ]
  for (const [name, value] of wholes) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      refuse(name, 'must be a whole number, 0 or more')
  }
  validateTls(keys.tls)
}

const sha256InBase64 = /^[A-Za-z0-9+/]{43}=$/

function validateTls({cert, key, pins}: ConfigurationKeys['tls']): void {
  if (key !== undefined && cert === undefined) refuse('tls.key', 'means nothing without tls.cert')
  if (!pins.every(pin => sha256InBase64.test(pin))) refuse('tls.pins', 'holds SHA-256 digests in base64')
}

function refuse(key: string, why: string): never {
  throw new TransferError('CONFIGURATION_REFUSED', `The configuration key ${key} ${why}`)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
