import type {CommandDeclaration} from '../cli/command.ts'
import type {FlagTable} from '../cli/flag-table.ts'
import {resultFlags} from '../cli/flags/output.ts'
import {usageError} from '../cli/usage-error.ts'
import type {TaskRecord} from '../control/task-record.ts'
import {runCommand} from './run-command.ts'
import {openControlDesk} from './transfer/control-desk.ts'
import {reportStops, stopEach} from './transfer/stop-results.ts'

const flags = {
  ...resultFlags
} as const satisfies FlagTable

export const cancel: CommandDeclaration = {
  id: 'cancel',
  summary: 'End transfers for good; nothing of them stays on disk.',
  description:
    'Works on running and on paused tasks. The partial file and the resume data are removed; a file that is complete ' +
    'stays. The server of an upload is asked to forget what it has of it.',
  operand: {name: 'TASK', summary: 'ids of tasks, or their unique beginnings', count: 'many'},
  examples: [{description: 'Give a download up', command: 'ferry cancel m3k9x2'}],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        if (operands.length === 0) throw usageError('Name the tasks to cancel', 'ferry tasks lists them.')
        const {client} = openControlDesk()
        const results = await stopEach(operands, id => client.cancel(id))
        return reportStops(results, given, sentence)
      }
    })
}

function sentence({id, state}: TaskRecord): string {
  return state === 'cancelled'
    ? `cancelled ${id}`
    : `${id} had ended already, nothing changes: it was ${state}`
}
