import {builtInProfiles} from '../../profiles/profile.ts'
import {configurationFolder} from './configuration-folder.ts'

/**
 * For commands that found no task of a session: rejects with SESSION_UNKNOWN where that is no wonder, because there is no
 * such session. One whose tasks are still there may have been removed.
 */
export async function assertKnownSession(name: string): Promise<void> {
  if (builtInProfiles.some(each => each.name === name)) return
  const {listProfiles} = await import('../../profiles/profile-file.ts')
  const {unknownProfile} = await import('../../profiles/profile-name.ts')
  const names = (await listProfiles({folder: configurationFolder(), warn: () => {}})).map(each => each.name)
  if (!names.includes(name)) throw unknownProfile(name, names)
}
