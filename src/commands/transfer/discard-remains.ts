import {chooseSession} from '../../cli/session-choice.ts'
import type {SessionChoice} from '../../cli/session-choice.ts'
import {cancelUpload, discardResumeData, readResumeData, Session, TransferError} from '../../engine/index.ts'
import {configurationFolder} from './configuration-folder.ts'

/** What it takes to end a task that no process runs. */
export interface Ending {
  /** The user's key for resume data. */
  readonly key: () => Uint8Array
  /** Absolute path of the folder with the stores. */
  readonly stateFolder: string
}

/**
 * Removes what a task has left here. The server of an upload is asked to forget what it has, in the session that the
 * upload belongs to; it may be out of reach, and then forgets by itself. Rejects with RESUME_DATA_INVALID or BUSY and
 * then changes nothing.
 */
export async function discardRemains(path: string, ending: Ending): Promise<void> {
  const {data, origin} = await readResumeData(path, ending.key())
  // From elsewhere it could choose whose secrets go to an address that it names.
  const choice = data.kind === 'upload' && origin === 'own' ? await sessionNamed(data.session) : undefined
  if (!choice) return discardResumeData(path, ending.key())
  const session = new Session(
    choice.configuration,
    {},
    {
      name: choice.name,
      resumeDataKey: ending.key,
      stores: {folder: ending.stateFolder, report: () => {}}
    }
  )
  try {
    await cancelUpload(session, path)
  } finally {
    await session.invalidateAndCancel()
  }
}

// Without its login and its proxy, the server would hear of it on another way than it knows.
async function sessionNamed(session: string): Promise<SessionChoice | undefined> {
  try {
    return await chooseSession({session}, {changes: {}, folder: configurationFolder()})
  } catch (error) {
    if (error instanceof TransferError) return undefined
    throw error
  }
}
