import {readFile, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {TransferError} from '../engine/index.ts'
import {assertHooks} from './assert-hooks.ts'
import {assertValue} from './check-value.ts'
import {parseKeyPath} from './key-path.ts'
import {builtInProfiles, defaultsProfile} from './profile.ts'
import type {Profile} from './profile.ts'
import {unknownProfile} from './profile-name.ts'
import type {StoredProfile, StoredProfiles} from './profile-schema.ts'
import {refusal} from './refusal.ts'

/** The name of the file in the configuration folder, without ".json". */
export const profilesFileName = 'sessions'
const mostBytes = 4 * 1024 * 1024

export interface ProfilePlace {
  /** Absolute path of ferry's configuration folder. */
  readonly folder: string
  /** Told what a user should know: the file is open to others. */
  readonly warn: (sentence: string) => void
}

/** Every session there is, the built-in ones first. Rejects with READ_FAILED or CONFIGURATION_REFUSED. */
export async function listProfiles(place: ProfilePlace): Promise<readonly Omit<Profile, 'values'>[]> {
  const {sessions} = await readProfiles(place)
  const stored = Object.entries(sessions).map(([name, {kind, revision, description}]) => ({
    name,
    kind,
    revision,
    description: description ?? undefined
  }))
  return [...builtInProfiles, ...stored.toSorted((one, other) => (one.name < other.name ? -1 : 1))]
}

/**
 * The session of that name. Rejects with SESSION_UNKNOWN, READ_FAILED for a damaged file, CONFIGURATION_REFUSED for what
 * another version has written; the file stays as it is.
 */
export async function readProfile(name: string, place: ProfilePlace): Promise<Profile> {
  const builtIn = [...builtInProfiles, defaultsProfile].find(each => each.name === name)
  if (builtIn) return builtIn
  const {sessions} = await readProfiles(place)
  const stored = Object.hasOwn(sessions, name) ? sessions[name] : undefined
  if (stored) return readStored(name, stored)
  throw unknownProfile(name, [...builtInProfiles.map(each => each.name), ...Object.keys(sessions)])
}

/** Understands what the file has under a name. Throws CONFIGURATION_REFUSED. */
export function readStored(name: string, stored: StoredProfile): Profile {
  const {kind, revision, description, configuration: values} = stored
  assertHooks({kind, values})
  for (const [key, value] of Object.entries(values)) {
    try {
      assertValue(parseKeyPath(key), value)
    } catch (error) {
      if (!(error instanceof TransferError)) throw error
      throw refusal(
        `The session ${name} cannot be used: ${error.message}`,
        `Another version of ferry may have written it. Take the key out with: ferry sessions unset ${name} ${key}`
      )
    }
  }
  return {name, kind, revision, description: description ?? undefined, values}
}

/** The file as it is; none = no sessions. Rejects with READ_FAILED where it cannot be understood. */
export async function readProfiles({folder, warn}: ProfilePlace): Promise<StoredProfiles> {
  const file = join(folder, `${profilesFileName}.json`)
  const text = await readText(file, warn)
  if (text === undefined) return {version: 1, sessions: {}}
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw damaged(file, 'it is not JSON', cause)
  }
  const {profilesSchema} = await import('./profile-schema.ts')
  const {safeParse} = await import('valibot')
  const result = safeParse(profilesSchema, parsed)
  if (result.success) return result.output
  if (isNewer(parsed)) {
    throw refusal(`A newer ferry wrote the sessions in ${file}`, 'Use that version, or another FERRY_HOME.')
  }
  throw damaged(file, `it is no list of sessions (${result.issues[0].message})`)
}

async function readText(file: string, warn: ProfilePlace['warn']): Promise<string | undefined> {
  try {
    const {mode, size, uid} = await stat(file)
    if (await isForeign(file, uid)) throw foreign(file)
    if (size > mostBytes) throw damaged(file, 'it is too large')
    // It holds no secrets, so that is no reason to stop; but who may change it decides where they go.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      warn(`${file} is open to other users; close it with: chmod 600 '${file}'`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof TransferError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TransferError('READ_FAILED', `The sessions in ${file} cannot be read: ${readable(error)}`, {
      hint: 'Check that the file is yours and can be read, or name another place with FERRY_HOME.',
      cause: error
    })
  }
}

function readable(error: unknown): string {
  const {code} = error as NodeJS.ErrnoException
  if (code === 'EACCES') return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}

// A session says where secrets go and which commands run. Without a home, the folder is one that anybody could have made;
// whoever is root in a container meets files of others everywhere else.
async function isForeign(file: string, owner: number): Promise<boolean> {
  const uid = process.getuid?.()
  if (uid === undefined || owner === uid || owner === 0) return false
  const {mode} = await stat(dirname(dirname(file)))
  return uid !== 0 || (mode & 0o002) !== 0
}

function foreign(file: string): TransferError {
  return new TransferError('REFUSED', `The sessions in ${file} belong to another user`, {
    hint: 'Point FERRY_HOME at a folder of your own.'
  })
}

function isNewer(parsed: unknown): boolean {
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : 1
  return typeof version === 'number' && version > 1
}

function damaged(file: string, why: string, cause?: unknown): TransferError {
  return new TransferError('READ_FAILED', `The sessions in ${file} cannot be read: ${why}`, {
    hint: 'Correct the file, or move it away; sessions create makes a new one.',
    cause
  })
}
