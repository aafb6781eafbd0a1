import {usageError} from '../../cli/usage-error.ts'
import type {BackgroundClient} from '../../control/background/daemon/background-client.ts'
import {TransferError} from '../../engine/index.ts'
import {findProfile} from './stored-session.ts'

/**
 * Rejects with SESSION_UNKNOWN for a name that no session has, and with USAGE for a session of another kind. A session whose
 * profile was removed is there as long as the journal knows its tasks (B16).
 */
export async function assertBackgroundSession(
  name: string,
  {client, warn}: {readonly client: BackgroundClient; readonly warn: (sentence: string) => void}
): Promise<void> {
  const kind = await kindOf(name, warn)
  if (kind === 'background') return
  if ((await client.sessions()).some(({identifier}) => identifier === name)) return
  if (kind instanceof TransferError) throw kind
  throw usageError(
    `The session ${name} runs in the foreground: only background sessions keep what happens in them`,
    `Make one with: ferry sessions create NAME --kind background`
  )
}

async function kindOf(name: string, warn: (sentence: string) => void): Promise<string | TransferError> {
  try {
    return (await findProfile(name, warn)).kind
  } catch (error) {
    if (error instanceof TransferError && error.code === 'SESSION_UNKNOWN') return error
    throw error
  }
}
