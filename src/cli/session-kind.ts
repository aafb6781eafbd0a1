import type {SessionKind} from '../engine/index.ts'
import {builtInProfiles} from '../profiles/profile.ts'
import {sessionName} from './session-choice.ts'
import type {SessionFlags} from './session-choice.ts'

/**
 * The kind of the session that the flags name, before anything else of it is read. Rejects with USAGE where they name two,
 * and with SESSION_UNKNOWN.
 */
export async function sessionKind(flags: SessionFlags, folder: string): Promise<SessionKind> {
  const name = sessionName(flags)
  const builtIn = builtInProfiles.find(profile => profile.name === name)
  if (builtIn) return builtIn.kind
  const {readProfile} = await import('../profiles/profile-file.ts')
  return (await readProfile(name, {folder, warn: () => {}})).kind
}
