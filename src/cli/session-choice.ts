import {SessionConfiguration} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import type {ProfileHooks} from '../profiles/configuration.ts'
import {environmentProxies} from './proxy-environment.ts'
import {usageError} from './usage-error.ts'

/** The session that a command runs in. */
export interface SessionChoice {
  readonly name: string
  readonly configuration: SessionConfiguration
  /** Commands that decide for the session's tasks; those of a command line win (R11). */
  readonly hooks: ProfileHooks
  /** What a person should be told about the choice. */
  readonly warnings: readonly string[]
}

/** The flags that name a session. */
export interface SessionFlags {
  readonly session?: string
  readonly ephemeral?: true
  readonly background?: true
}

export interface SessionWishes {
  /** What the other flags change of the session's configuration. */
  readonly changes: ConfigurationChanges
  /** Absolute path of ferry's configuration folder, where the sessions of this user are. */
  readonly folder: string
}

/**
 * The session that the flags name, with the changes they make. Rejects with SESSION_UNKNOWN, USAGE, CONFIGURATION_REFUSED,
 * and with whatever keeps a secret or a certificate of the session from being read.
 */
export async function chooseSession(flags: SessionFlags, wishes: SessionWishes): Promise<SessionChoice> {
  const choice = await findSession(sessionName(flags), wishes)
  const proxy = environmentProxies(choice.configuration.keys.proxy, process.env)
  if (Object.keys(proxy).length === 0) return choice
  return {...choice, configuration: choice.configuration.with({proxy})}
}

async function findSession(name: string, wishes: SessionWishes): Promise<SessionChoice> {
  const {changes} = wishes
  const plain = {name, hooks: {}, warnings: []}
  switch (name) {
    case 'shared':
      return {...plain, configuration: SessionConfiguration.default(changes)}
    case 'ephemeral':
      return {...plain, configuration: SessionConfiguration.ephemeral(changes)}
    case 'background':
      return {...plain, configuration: SessionConfiguration.background(name, changes)}
    default: {
      const {chooseProfile} = await import('./profile-choice.ts')
      return chooseProfile(name, wishes)
    }
  }
}

/** The name that the flags give. Throws USAGE where they give two. */
export function sessionName({session, ephemeral, background}: SessionFlags): string {
  const flags = [...(ephemeral ? ['ephemeral'] : []), ...(background ? ['background'] : [])]
  const [name = session ?? 'shared', other] = flags
  if (other !== undefined) throw usageError('--ephemeral and --background name different sessions')
  if (flags.length > 0 && session !== undefined && session !== name)
    throw usageError(`--${name} and --session name different sessions`)
  return name
}
