import {backgroundDefaults, validateFor} from './background-configuration.ts'
import {validate, validateRanges} from './configuration-check.ts'
import {defaults} from './configuration-keys.ts'
import type {ConfigurationChanges, ConfigurationKeys} from './configuration-keys.ts'
import {assertShape, isTree} from './configuration-shape.ts'
import type {Tree} from './configuration-shape.ts'
import {rulesFor} from './host-rules.ts'
import type {Encounter} from './host-rules.ts'

export type SessionKind = 'default' | 'ephemeral' | 'background'

/**
 * URLSessionConfiguration: a deep-frozen value. A session takes it as it is; changing means making another (R4-R6, R58).
 * A key that does not exist, and a value of the wrong type or out of range, throws CONFIGURATION_REFUSED.
 */
export class SessionConfiguration {
  readonly kind: SessionKind
  readonly keys: ConfigurationKeys
  readonly #hosts = new Map<string, ConfigurationKeys>()

  private constructor(kind: SessionKind, keys: ConfigurationKeys) {
    this.kind = kind
    this.keys = deepFreeze(keys)
    Object.freeze(this)
  }

  /** Remembers between runs where the session's environment has a place for stores. */
  static default(changes: ConfigurationChanges = {}): SessionConfiguration {
    return new SessionConfiguration('default', merge('default', defaults, changes))
  }

  /** Nothing on disk but the requested output (R8), wherever the environment would keep something. */
  static ephemeral(changes: ConfigurationChanges = {}): SessionConfiguration {
    return new SessionConfiguration('ephemeral', merge('ephemeral', defaults, changes))
  }

  /**
   * For a session that goes on without the program that made its tasks (R9). The identifier names it for good, and the
   * changes may be the keys of another one with the same (B16). It always waits for connectivity, always follows
   * redirections and has no cache (B5-B7): what says otherwise is refused.
   */
  static background(identifier: string, changes: ConfigurationChanges = {}): SessionConfiguration {
    return new SessionConfiguration(
      'background',
      merge('background', backgroundDefaults(identifier), changes)
    )
  }

  /** A copy with other values; this one stays as it is (R6). */
  with(changes: ConfigurationChanges): SessionConfiguration {
    return new SessionConfiguration(this.kind, merge(this.kind, this.keys, changes))
  }

  /**
   * The keys as they are for one address: those of the session under the rules for its host. The same object comes for
   * every address that the same rules hold for, so it may serve as a key of connection pools.
   */
  keysFor(url: URL, encounter: Encounter = 'asked'): ConfigurationKeys {
    const names = rulesFor(this.keys.hosts, url, encounter)
    if (names.length === 0) return this.keys
    const key = names.join(' ')
    const known = this.#hosts.get(key)
    if (known) return known
    const merged = names.reduce(
      (keys, name) => merge(this.kind, keys, this.keys.hosts[name] ?? {}),
      this.keys
    )
    this.#hosts.set(key, deepFreeze(merged))
    return merged
  }
}

function merge(kind: SessionKind, base: ConfigurationKeys, changes: ConfigurationChanges): ConfigurationKeys {
  assertShape(changes as Tree)
  // Freezing must not reach what belongs to the caller.
  const own = structuredClone(changes) as Tree
  const merged = mergeRecords(base as unknown as Tree, own) as unknown as ConfigurationKeys
  validate(merged)
  validateFor(kind, {base, merged})
  // What is wrong with the rules of a host is said now, not when it is asked for the first time.
  for (const rules of Object.values(merged.hosts)) {
    const there = mergeRecords(merged as unknown as Tree, rules as Tree) as unknown as ConfigurationKeys
    validateRanges(there)
    validateFor(kind, {base, merged: there})
  }
  return merged
}

const openRecords = new Set(['headers', 'resolve', 'hosts'])

function mergeRecords(base: Tree, changes: Tree): Tree {
  const merged: Tree = {}
  for (const [key, value] of Object.entries(base)) {
    const change = changes[key]
    if (isTree(value)) {
      const changed = isTree(change) ? change : {}
      merged[key] = openRecords.has(key) ? {...value, ...changed} : mergeRecords(value, changed)
    } else merged[key] = Object.hasOwn(changes, key) ? change : value
  }
  return merged
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
