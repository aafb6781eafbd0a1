import type {SessionChoice} from '../../../cli/session-choice.ts'
import type {TransferFlags} from '../../../cli/transfer-flags.ts'
import type {SessionDelegate} from '../../../engine/index.ts'
import type {TaskRecord} from '../../../ui/task-record.ts'
import {hookDelegate, tellCompletion} from './hook-delegate.ts'
import {hookEnvironment} from './hook-environment.ts'
import {readHooks} from './hook.ts'
import {HookRunner} from './run-hook.ts'

/** The commands that decide in one run. */
export interface OpenHooks {
  readonly delegate: SessionDelegate
  /** Tells who wants to know that a transfer has ended; rejects with what went wrong there. */
  readonly complete: ((record: TaskRecord) => Promise<void>) | undefined
}

// Milliseconds; a part of the contract.
const patience = 30_000

/** Opens the hooks of flags and profile. Throws USAGE where one of them is no command. */
export function openHooks(flags: TransferFlags, session: SessionChoice): OpenHooks {
  const hooks = readHooks(flags, session.hooks)
  const runner = new HookRunner({
    patience,
    environment: hookEnvironment(process.env, {flags, keys: session.configuration.keys})
  })
  const {complete} = hooks
  return {
    delegate: hookDelegate(hooks, runner),
    complete: complete && (record => tellCompletion(runner, complete, record))
  }
}
