import {readHookCommand} from '../../cli/hook-command.ts'
import type {RunHook} from '../../control/background/batch-hook.ts'
import {TransferError} from '../../engine/index.ts'
import {HookRunner} from '../transfer/hooks/run-hook.ts'

// Milliseconds, as for every hook.
const patience = 30_000

/** Runs the command that wants to know of a finished batch (B14). It sees the variables it was submitted with. */
export const runBatchHook: RunHook = async (command, json, environment) => {
  const runner = new HookRunner({patience, environment: {...process.env, ...environment}})
  const end = await runner.run({
    command: readHookCommand('--on-complete', command),
    input: `${json}\n`,
    output: 'ignored'
  })
  const why = end.kind === 'notStarted' ? end.why : end.kind === 'ended' ? end.failure : 'took too long'
  if (why !== undefined) throw new TransferError('USAGE', `The command of --on-complete: ${why}`)
}
