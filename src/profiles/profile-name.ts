import {TransferError} from '../engine/index.ts'
import {nearestWord} from './nearest-word.ts'
import {builtInProfiles, defaultsProfile} from './profile.ts'
import {refusal} from './refusal.ts'

/** Refuses names that could be read as a flag, a path or several words. */
export function assertProfileName(name: string): void {
  // The three words mean something to JavaScript's objects, and are dropped from files by those who check them.
  if (/^(?!(?:__proto__|prototype|constructor)$)[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name)) return
  throw refusal(
    'That is no name for a session',
    'Names have up to 64 letters, digits, dots, dashes and underscores, and begin with no dot and no dash.'
  )
}

/** Refuses to change a session that is built in (R3). */
export function assertOwnProfile(name: string): void {
  if (![...builtInProfiles, defaultsProfile].some(each => each.name === name)) return
  throw refusal(
    `The session ${name} is built in and cannot be changed`,
    `Make one of your own: ferry sessions create NAME --from ${name}`
  )
}

/** The error for a name that no session has (exit 116). */
export function unknownProfile(name: string, known: readonly string[]): TransferError {
  const near = nearestWord(known, name)
  return new TransferError('SESSION_UNKNOWN', `There is no session ${JSON.stringify(name.slice(0, 64))}`, {
    hint:
      near === undefined ? 'ferry sessions lists them.' : `Did you mean ${near}? ferry sessions lists them.`
  })
}
