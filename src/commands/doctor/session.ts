import type {SessionConfiguration} from '../../engine/index.ts'
import {configurationOf} from '../../profiles/configuration.ts'
import {parseKeyPath} from '../../profiles/key-path.ts'
import type {Profile, StoredValue} from '../../profiles/profile.ts'
import {headerReference, parseSecretReference} from '../../profiles/secret.ts'
import {maskHeader, maskUrl} from '../../ui/mask.ts'
import {finding} from './finding.ts'
import type {Finding} from './finding.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a session is, and in what it differs from the default. Secrets are shown as the references they are. */
export function inspectProfile(profile: Profile, environment: Environment): readonly Finding[] {
  const {name, kind, revision, description, values} = profile
  const origin = revision === 0 ? 'built in' : `your own, revision ${revision}`
  const about = description === undefined ? '' : `; ${description}`
  const keys = Object.entries(values).map(([key, value]) =>
    finding('session', 'note', `${key} = ${shown(key, value)}${stateOf(key, value, environment)}`)
  )
  return [finding('session', 'ok', `${name} (${origin}): ${keeping[kind]}${about}`), ...keys]
}

const keeping = {
  default: 'keeps cookies, credentials and answers on disk',
  ephemeral: 'keeps nothing on disk',
  background: 'keeps cookies and credentials on disk'
} as const

/** The keys that the flags and the environment change in a session, by name alone: their values may be secret. */
export function inspectChanges(configuration: SessionConfiguration, profile: Profile): readonly Finding[] {
  const usual = flatten(configurationOf(profile, {}).keys)
  const own = new Set(Object.keys(profile.values))
  const changed = [...flatten(configuration.keys)]
    .filter(([key, value]) => JSON.stringify(usual.get(key)) !== JSON.stringify(value) && !own.has(key))
    .map(([key]) => key)
    .filter(key => !key.startsWith('hosts.'))
  if (changed.length === 0) return []
  return [finding('session', 'note', `changed by flags or the environment: ${changed.join(', ')}`)]
}

function shown(key: string, value: StoredValue): string {
  const text = typeof value === 'object' ? value.join(', ') : String(value)
  const {path} = parseKeyPath(key)
  if (path[0] === 'headers') {
    const name = path[1] ?? ''
    return headerReference(name, text) ? text : maskHeader(name, text)
  }
  return maskUrl(text)
}

function stateOf(key: string, value: StoredValue, environment: Environment): string {
  const {path} = parseKeyPath(key)
  const text = String(value)
  const reference = path[0] === 'headers' ? headerReference(path[1] ?? '', text)?.reference : text
  const found = reference === undefined ? undefined : parseSecretReference(reference)
  if (found?.kind === 'environment') return environment[found.name] ? ' (set)' : ' (not set)'
  return found?.kind === 'prompt' ? ' (asked for on the terminal)' : ''
}

function flatten(value: object, before = ''): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]): (readonly [string, unknown])[] =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? [...flatten(inner, `${before}${key}.`)]
        : [[`${before}${key}`, inner]]
    )
  )
}
