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
    'on when the terminal is closed, and leaves when it has nothing to do. Nobody has to start it. When it was killed, or ' +
    'the machine has restarted, the next ferry command starts it again; ferry daemon and ferry doctor only look. One ' +
    'service runs for each user (and each FERRY_HOME); its journal and its log are in the state folder, which ferry doctor ' +
    'names. The transfers are handled as all others: ferry tasks, wait, pause, resume, cancel.',
  examples: [
    {description: 'Give it something to do', command: 'ferry get --background https://example.com/disk.iso'},
    {description: 'Does it run, and what does it do', command: 'ferry daemon status'},
    {
      description: 'Stop it for now; what it has goes on when something is added or resumed',
      command: 'ferry daemon stop'
    },
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
