import {usageError} from '../../cli/usage-error.ts'
import {builtInProfiles} from '../../profiles/profile.ts'
import {listProfiles} from '../../profiles/profile-file.ts'
import {configurationFolder} from './configuration-folder.ts'
import type {Remains} from './remains.ts'

/** Where transfers belong. */
export interface SessionFound {
  /** undefined = the shared one will do (R27). */
  readonly session: string | undefined
  /** Sessions that are named and are not there any more. */
  readonly gone: readonly string[]
}

/**
 * The session of one's own, or of the background, that the transfers were started in, while it is there. Only resume data of this user chooses: from elsewhere it could choose whose secrets go to an address that it names.
 * Throws USAGE where there are several such sessions.
 */
export async function sessionOfResumeData(remains: readonly Remains[]): Promise<SessionFound> {
  const named = new Set(remains.map(({read}) => (read?.origin === 'own' ? read.data.session : 'shared')))
  if ([...named].every(isOfForeground)) return {session: undefined, gone: []}
  const listed = await listProfiles({folder: configurationFolder(), warn: () => {}})
  const isKept = (name: string): boolean =>
    !isOfForeground(name) && [...builtInProfiles, ...listed].some(each => each.name === name)
  const [name, ...others] = new Set([...named].map(each => (isKept(each) ? each : 'shared')))
  const gone = [...named].filter(each => !isOfForeground(each) && !isKept(each))
  if (others.length === 0) return {session: name === 'shared' ? undefined : name, gone}
  throw usageError(
    'These transfers belong to different sessions',
    'Resume those of each session by themselves, or say which one is for all: --session NAME'
  )
}

function isOfForeground(name: string): boolean {
  return builtInProfiles.some(each => each.name === name && each.kind !== 'background')
}
