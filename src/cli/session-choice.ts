import {SessionConfiguration, TransferError} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import type {SessionHooks} from './hook-command.ts'
import {usageError} from './usage-error.ts'

/** The session that a command runs in. */
export interface SessionChoice {
  readonly name: 'shared' | 'ephemeral'
  readonly configuration: SessionConfiguration
  /** The commands that the session's profile lets decide. */
  readonly hooks?: SessionHooks
}

/** The session that the flags name, with the changes they make. Throws SESSION_UNKNOWN, USAGE, CONFIGURATION_REFUSED. */
export function chooseSession(
  flags: {readonly session?: string; readonly ephemeral?: true},
  changes: ConfigurationChanges
): SessionChoice {
  const name = flags.session ?? (flags.ephemeral ? 'ephemeral' : 'shared')
  if (flags.ephemeral && name !== 'ephemeral')
    throw usageError('--ephemeral and --session name different sessions')
  switch (name) {
    case 'shared':
      return {name, configuration: SessionConfiguration.default(changes)}
    case 'ephemeral':
      return {name, configuration: SessionConfiguration.ephemeral(changes)}
    case 'background':
      throw usageError('The background session is not available in this version')
    default:
      throw new TransferError('SESSION_UNKNOWN', 'There is no session of that name')
  }
}
