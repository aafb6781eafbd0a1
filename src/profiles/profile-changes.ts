import {closeSync, openSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TransferError, makeFolder} from '../engine/index.ts'
import {assertHooks} from './assert-hooks.ts'
import {changesOf, configurationOf} from './configuration.ts'
import type {Profile, StoredValue} from './profile.ts'
import {profilesFileName, readProfiles, readStored} from './profile-file.ts'
import type {ProfilePlace} from './profile-file.ts'
import {assertOwnProfile, assertProfileName, unknownProfile} from './profile-name.ts'
import type {StoredProfiles} from './profile-schema.ts'
import {refusal} from './refusal.ts'

const patience = 5000
const interval = 20

/** Stores a new profile. Rejects with CONFIGURATION_REFUSED where the name is taken or the keys do not go together. */
export async function createProfile(
  profile: Omit<Profile, 'revision'>,
  place: ProfilePlace
): Promise<Profile> {
  const {name} = profile
  assertProfileName(name)
  assertOwnProfile(name)
  const made = {...profile, revision: 1}
  assertCoherent(made)
  await changeProfiles(place, sessions => {
    if (Object.hasOwn(sessions, name)) {
      throw refusal(
        `There is a session ${name} already`,
        `Change it with ferry sessions set ${name}, or take it away with ferry sessions remove ${name}.`
      )
    }
    return {...sessions, [name]: stored(made)}
  })
  return made
}

/** Changes the values of a profile; an undefined one goes back to its default. Counts the revision up (R58). */
export async function changeProfile(
  name: string,
  change: (values: Profile['values']) => Readonly<Record<string, StoredValue | undefined>>,
  place: ProfilePlace
): Promise<Profile> {
  assertOwnProfile(name)
  let changed: Profile | undefined
  await changeProfiles(place, sessions => {
    const before = Object.hasOwn(sessions, name) ? sessions[name] : undefined
    if (!before) throw unknownProfile(name, Object.keys(sessions))
    const entries = Object.entries(change(before.configuration))
    const configuration = Object.fromEntries(
      entries.filter((entry): entry is [string, StoredValue] => entry[1] !== undefined)
    )
    changed = readStored(name, {
      ...before,
      configuration: configuration as typeof before.configuration,
      revision: before.revision + 1
    })
    assertCoherent(changed)
    return {...sessions, [name]: stored(changed)}
  })
  if (!changed) throw unknownProfile(name, [])
  return changed
}

/** Takes profiles away: all of them, or none where one is not there. Resolves to what they were called, without values. */
export async function removeProfiles(
  names: readonly string[],
  place: ProfilePlace
): Promise<readonly Profile[]> {
  names.forEach(assertOwnProfile)
  const removed: Profile[] = []
  await changeProfiles(place, sessions => {
    const missing = names.find(name => !Object.hasOwn(sessions, name))
    if (missing !== undefined) throw unknownProfile(missing, Object.keys(sessions))
    const entries = Object.entries(sessions)
    for (const [name, {kind, revision}] of entries) {
      if (names.includes(name)) removed.push({name, kind, revision, description: undefined, values: {}})
    }
    return Object.fromEntries(entries.filter(([name]) => !names.includes(name)))
  })
  return removed
}

function stored({kind, revision, description, values}: Profile): StoredProfiles['sessions'][string] {
  const configuration = Object.entries(values).map(
    ([key, value]): [string, string | number | boolean | string[]] => [
      key,
      typeof value === 'object' ? [...value] : value
    ]
  )
  return {kind, revision, description: description ?? null, configuration: Object.fromEntries(configuration)}
}

// Keys that cannot be together are refused when they are written, not when they are first used.
function assertCoherent(profile: Profile): void {
  const {values} = profile
  if (values['tls.min'] === 'TLSv1.3' && values['tls.max'] === 'TLSv1.2')
    throw refusal(
      'tls.min and tls.max leave no version to speak',
      'Set tls.max to TLSv1.3, or unset one of them.'
    )
  assertHooks(profile)
  configurationOf(profile, changesOf(values))
}

type Change = (sessions: StoredProfiles['sessions']) => StoredProfiles['sessions']

// Reading, changing and writing is one step for all processes; readers see the file before or after it, never between.
async function changeProfiles(place: ProfilePlace, change: Change): Promise<void> {
  const lock = await takeLock(place.folder)
  try {
    const {version, sessions} = await readProfiles(place)
    await writeProfiles(place.folder, {version, sessions: change(sessions)})
  } finally {
    lock.close()
  }
}

async function writeProfiles(folder: string, profiles: StoredProfiles): Promise<void> {
  const {default: Conf} = await import('conf')
  try {
    const file = new Conf<StoredProfiles>({
      cwd: folder,
      configName: profilesFileName,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig: false,
      schema: {version: {const: 1}, sessions: {type: 'object'}}
    })
    file.store = profiles
  } catch (cause) {
    throw unwritable(folder, cause)
  }
}

// The system lets go of it when the process ends, however it ends: a lock file of our own would stay.
async function takeLock(folder: string): Promise<{close(): void}> {
  const path = join(folder, `${profilesFileName}.lock`)
  const {DatabaseSync} = await import('node:sqlite')
  try {
    makeFolder(folder, 0o700)
    closeSync(openSync(path, 'a', 0o600))
    const lock = new DatabaseSync(path, {timeout: 0})
    try {
      await begin(lock)
      return lock
    } catch (cause) {
      lock.close()
      throw cause
    }
  } catch (cause) {
    if (isLocked(cause)) throw new TransferError('BUSY', 'Another process is changing the sessions', {cause})
    throw unwritable(folder, cause)
  }
}

// Waited for here and not by SQLite, which would hold up the one who is to let go where that is this very process.
async function begin(lock: {exec(sql: string): void}): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(interval)) {
    try {
      return lock.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      if (!isLocked(cause) || Date.now() > end) throw cause
    }
  }
}

function isLocked(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('locked')
}

function unwritable(folder: string, cause: unknown): TransferError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TransferError('WRITE_FAILED', `The sessions in ${folder} cannot be written: ${plain(why)}`, {
    cause,
    hint: 'Make the folder writable for you, or name another place with FERRY_HOME.'
  })
}

// The lock is a database only because those let go of their locks when a process ends.
function plain(why: string): string {
  return /readonly database|unable to open database/.test(why) ? 'permission denied' : why
}
