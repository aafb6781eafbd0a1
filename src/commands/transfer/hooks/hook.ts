import {readHookCommand} from '../../../cli/hook-command.ts'
import type {HookCommand} from '../../../cli/hook-command.ts'
import {usageError} from '../../../cli/usage-error.ts'
import type {TransferFlags} from '../../../cli/transfer-flags.ts'
import type {ProfileHooks} from '../../../profiles/configuration.ts'

/** A command that decides, and where it comes from. */
export interface Hook {
  /** The flag or the key of the profile, for messages. */
  readonly name: string
  readonly command: HookCommand
}

/** Who decides what in one run; a task's own hook stands in for that of the session's profile. */
export interface Hooks {
  readonly redirect: Hook | undefined
  readonly response: Hook | undefined
  readonly cache: Hook | undefined
  /** Challenges for the session as a whole; without it, they are the task's (R33). */
  readonly sessionChallenge: Hook | undefined
  /** Challenges for one task; the profile's hook is not asked of itself (R34). */
  readonly challenge: Hook | undefined
  readonly complete: Hook | undefined
}

export type DecisionFlags = Pick<
  TransferFlags,
  'on-redirect' | 'on-response' | 'on-cache' | 'on-challenge' | 'on-complete'
>

// What a task's --on-challenge says to hand its challenges to the session's hook.
const delegated = '@profile'

/** Does anybody decide at all? */
export function hasHooks(flags: DecisionFlags, session: ProfileHooks = {}): boolean {
  return [...Object.values(session), ...decisionFlags.map(flag => flags[flag])].some(
    given => given !== undefined
  )
}

const decisionFlags = [
  'on-redirect',
  'on-response',
  'on-cache',
  'on-challenge',
  'on-complete'
] as const satisfies readonly (keyof DecisionFlags)[]

/** Reads the commands of the flags and of the session's profile. Throws USAGE for what is no command. */
export function readHooks(flags: DecisionFlags, session: ProfileHooks = {}): Hooks {
  const own = (flag: keyof DecisionFlags) => hook(`--${flag}`, flags[flag])
  const sessionChallenge = hook('hooks.onChallenge', session.onChallenge)
  const isDelegated = flags['on-challenge'] === delegated
  if (isDelegated && !sessionChallenge) {
    throw usageError(
      `--on-challenge ${delegated}: the session has no hook of its own`,
      'Give one to the session: ferry sessions set NAME hooks.onChallenge=CMD'
    )
  }
  return {
    redirect: own('on-redirect') ?? hook('hooks.onRedirect', session.onRedirect),
    response: own('on-response') ?? hook('hooks.onResponse', session.onResponse),
    cache: own('on-cache') ?? hook('hooks.onCache', session.onCache),
    sessionChallenge,
    challenge: isDelegated ? sessionChallenge : own('on-challenge'),
    complete: own('on-complete') ?? hook('hooks.onComplete', session.onComplete)
  }
}

function hook(name: string, command: string | undefined): Hook | undefined {
  return command === undefined ? undefined : {name, command: readHookCommand(name, command)}
}
