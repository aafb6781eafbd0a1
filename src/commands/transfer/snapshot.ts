import {readHookCommand} from '../../cli/hook-command.ts'
import type {SessionChoice} from '../../cli/session-choice.ts'
import type {Snapshot} from '../../control/background/submission.ts'
import type {SessionConfiguration} from '../../engine/index.ts'
import {hookEnvironment} from './hook-environment.ts'

export interface SnapshotFacts {
  readonly hooks: SessionChoice['hooks']
  /** The command of --on-complete, where it was given; it stands in for that of the session. */
  readonly onComplete: string | undefined
}

/** All that background tasks need of whoever hands them over, as it is now (B16). Throws USAGE for a hook that is none. */
export function snapshotOf({keys}: SessionConfiguration, {hooks, onComplete}: SnapshotFacts): Snapshot {
  const command = onComplete ?? hooks.onComplete ?? null
  if (command !== null) readHookCommand('--on-complete', command)
  return {
    keys,
    onComplete: command,
    environment: command === null ? {} : hookEnvironment(process.env),
    ...(keys.discretionary.window === undefined ? {} : timeZone()),
    newFileMode: 0o666 & ~process.umask()
  }
}

// Whoever says from one to six means where they are, wherever the service was started.
function timeZone(): Pick<Snapshot, 'timeZone'> {
  const zone: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return zone === undefined ? {} : {timeZone: zone}
}
