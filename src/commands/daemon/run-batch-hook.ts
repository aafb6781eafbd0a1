import {readHookCommand} from '../../cli/hook-command.ts'
import type {RunHook} from '../../control/background/dispatcher/batch-hook.ts'
import {TransferError} from '../../engine/index.ts'
import {HookRunner} from '../transfer/hooks/run-hook.ts'

// Milliseconds, as for every hook.
const patience = 30_000
const mostLines = 20

/**
 * How commands run that want to know of a finished batch (B14). One sees the variables it was submitted with and no others;
 * its complaints are said, a line each.
 */
export function batchHook(say: (sentence: string) => void): RunHook {
  const runner = new HookRunner({patience, environment: {}})
  return async (command, json, environment) => {
    const end = await runner.run({
      command: readHookCommand('--on-complete', command),
      input: `${json}\n`,
      output: 'ignored',
      environment: {...machineOf(process.env), ...environment},
      complaints: text => {
        const lines = text.split('\n').filter(line => line.trim() !== '')
        for (const line of lines.slice(0, mostLines)) say(`the command of --on-complete says: ${line}`)
      }
    })
    const why = end.kind === 'notStarted' ? end.why : end.kind === 'ended' ? end.failure : 'took too long'
    if (why !== undefined) throw new TransferError('USAGE', `The command of --on-complete: ${why}`)
  }
}

// Nothing starts on Windows without these, which are the same for everybody.
function machineOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (process.platform !== 'win32') return {}
  const names = ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT']
  return Object.fromEntries(names.map(name => [name, environment[name]]))
}
