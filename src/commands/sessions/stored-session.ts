import {Session, SessionConfiguration} from '../../engine/index.ts'
import type {TransferError} from '../../engine/index.ts'
import {changesOf} from '../../profiles/configuration.ts'
import {readProfile} from '../../profiles/profile-file.ts'
import type {Profile} from '../../profiles/profile.ts'
import {configurationFolder} from '../transfer/configuration-folder.ts'
import {placesOfUser} from '../transfer/places-of-user.ts'

/** Finds the session of a name. Rejects with SESSION_UNKNOWN. */
export function findProfile(name: string, warn: (sentence: string) => void): Promise<Profile> {
  return readProfile(name, {folder: configurationFolder(), warn})
}

/** Does something with the stores of a session on disk, without its secrets: nothing is sent from here. */
export async function withStores(
  {name, values}: Profile,
  report: (error: TransferError) => void,
  act: (session: Session) => Promise<void>
): Promise<void> {
  const {cookies, cache} = changesOf(values)
  const {state} = placesOfUser()
  const configuration = SessionConfiguration.default({...(cookies && {cookies}), ...(cache && {cache})})
  const session = new Session(configuration, {}, {name, stores: {folder: state, report}})
  try {
    await act(session)
  } finally {
    await session.invalidateAndCancel()
  }
}
