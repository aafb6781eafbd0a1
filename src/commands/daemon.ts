import type {CommandDeclaration} from '../cli/command.ts'
import type {FlagTable} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {usageError} from '../cli/usage-error.ts'
import {runCommand} from './run-command.ts'
import {reportStatus} from './daemon/status.ts'

const flags = {...resultFlags} as const satisfies FlagTable
const words = ['status', 'stop', 'install', 'uninstall']

export const daemon: CommandDeclaration = {
  id: 'daemon',
  summary: 'See the background service; the commands below it stop and install it.',
  description:
    'The background service runs the transfers of background sessions. It starts by itself with the first of them, goes ' +
    'on when the terminal is closed, and leaves when it has nothing to do. Nobody has to start it.',
  examples: [
    {description: 'Does it run, and what does it do', command: 'ferry daemon status'},
    {description: 'Let it go on after a restart of the machine, too', command: 'ferry daemon install'}
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands: [word]}) => {
        if (word === undefined) return reportStatus(given)
        throw usageError(
          `daemon has no command ${JSON.stringify(word)}`,
          `Its commands are: ${words.join(', ')}.`
        )
      }
    })
}
