import {parseGroup, parseKeyPath} from './key-path.ts'
import type {Profile, StoredValue} from './profile.ts'

/** One key with its new value; undefined = back to the default. */
export interface Setting {
  readonly key: string
  readonly value: StoredValue | undefined
}

type Values = Profile['values']

/** The values with the settings applied, the last one of a key winning. A header has one spelling: the newest. */
export function withSettings(values: Values, settings: readonly Setting[]): Values {
  return settings.reduce((before, {key, value}) => {
    const others = without(before, other => other.toLowerCase() === key.toLowerCase())
    return value === undefined ? others : {...others, [key]: value}
  }, values)
}

export interface Unset {
  readonly values: Values
  /** What was named and had its default already. */
  readonly idle: readonly string[]
}

/**
 * The values without the named keys, or groups of keys ("hosts.example.com"). Throws CONFIGURATION_REFUSED for what is no
 * key; one that is stored and that only another version knows can be taken out.
 */
export function withoutKeys(values: Values, names: readonly string[]): Unset {
  let left = values
  const idle: string[] = []
  for (const name of names) {
    const wanted = Object.hasOwn(values, name) ? name : (parseGroup(name) ?? parseKeyPath(name).key)
    const start = `${wanted.toLowerCase()}.`
    const after = without(left, key => `${key.toLowerCase()}.`.startsWith(start))
    if (Object.keys(after).length === Object.keys(left).length) idle.push(name)
    left = after
  }
  return {values: left, idle}
}

function without(values: Values, isDropped: (key: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !isDropped(key)))
}
