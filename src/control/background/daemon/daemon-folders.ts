import {stat} from 'node:fs/promises'
import {TransferError} from '../../../engine/index.ts'
import {ensurePrivateFolder} from '../../places.ts'
import type {Places} from '../../places.ts'
import {backgroundFolder} from '../background-folder.ts'

/**
 * Makes the folders of the daemon for this user alone, or proves that they are; resolves to the one of its own. Throws
 * REFUSED, also where others could put another one in its place, and WRITE_FAILED.
 */
export async function ensureDaemonFolders(places: Pick<Places, 'runtime' | 'state'>): Promise<string> {
  const folder = backgroundFolder(places.state)
  await ensurePrivateFolder(places.runtime)
  await ensurePrivateFolder(folder)
  const {mode, uid} = await stat(places.state)
  const own = process.getuid?.()
  if (own === undefined || ((mode & 0o022) === 0 && (uid === own || uid === 0))) return folder
  throw new TransferError('REFUSED', `Other users can change what is in the folder ${places.state}`, {
    hint:
      uid === own
        ? `Close it with: chmod go-w '${places.state}'`
        : 'Point FERRY_HOME at a folder of your own.'
  })
}
