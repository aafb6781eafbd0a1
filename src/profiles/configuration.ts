import {SessionConfiguration} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import {parseKeyPath} from './key-path.ts'
import {keyDefinitions} from './keys.ts'
import type {Profile, StoredValue} from './profile.ts'

/** A value of JSON, built up key by key. */
interface Tree {
  [name: string]: unknown
}

/** Commands that a session asks for decisions, by their keys. */
export interface ProfileHooks {
  readonly onRedirect?: string
  readonly onChallenge?: string
  readonly onResponse?: string
  readonly onCache?: string
  readonly onComplete?: string
}

/** Every key with its value, as `sessions show --json` prints it: null where there is none. */
export function describeConfiguration(profile: Profile): unknown {
  const {keys} = configurationOf(profile, {})
  const tree = emptyTree()
  for (const name of ['identifier', ...Object.keys(keyDefinitions)]) {
    const path = name.split('.')
    if (path.at(-1) === '*') put(tree, path.slice(0, -1), emptyTree())
    else put(tree, path, defaultOf(keys, path) ?? null)
  }
  put(tree, ['hosts'], emptyTree())
  for (const [path, value] of placedValues(profile.values)) put(tree, path, value)
  return tree
}

/** The configuration of a profile's kind with these changes of the defaults. Throws CONFIGURATION_REFUSED. */
export function configurationOf(
  {kind, name}: Pick<Profile, 'kind' | 'name'>,
  changes: ConfigurationChanges
): SessionConfiguration {
  return kind === 'background'
    ? SessionConfiguration.background(name, changes)
    : SessionConfiguration[kind](changes)
}

/** The values as changes of the engine's configuration, hooks left out. */
export function changesOf(values: Profile['values']): ConfigurationChanges {
  const tree = emptyTree()
  for (const [path, value] of placedValues(values)) if (path[0] !== 'hooks') put(tree, path, value)
  return tree
}

/** The commands of a profile. */
export function hooksOf(values: Profile['values']): ProfileHooks {
  const hooks = Object.entries(values).filter(([key]) => key.startsWith('hooks.'))
  return Object.fromEntries(hooks.map(([key, value]) => [key.slice('hooks.'.length), value]))
}

// One header has one spelling, so that a host's rule replaces the session's header instead of joining it.
function placedValues(values: Profile['values']): readonly (readonly [readonly string[], StoredValue])[] {
  const spellings = new Map<string, string>()
  return Object.entries(values).map(([key, value]) => {
    const {host, path} = parseKeyPath(key)
    const whole = host === undefined ? [...path] : ['hosts', host, ...path]
    if (path[0] === 'headers') {
      const name = path[1] ?? ''
      if (!spellings.has(name.toLowerCase())) spellings.set(name.toLowerCase(), name)
      whole[whole.length - 1] = spellings.get(name.toLowerCase()) ?? name
    }
    return [whole, value]
  })
}

function defaultOf(keys: object, path: readonly string[]): unknown {
  let found: unknown = keys
  for (const step of path) {
    found =
      typeof found === 'object' && found !== null
        ? Object.entries(found).find(([key]) => key === step)?.[1]
        : undefined
  }
  return found
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [step = '', ...rest] = path
  if (rest.length === 0) {
    tree[step] = value
    return
  }
  const inner = tree[step]
  const next = isTree(inner) ? inner : emptyTree()
  tree[step] = next
  put(next, rest, value)
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Without a prototype, so that no host and no header can be named like a part of it.
function emptyTree(): Tree {
  return Object.create(null) as Tree
}
