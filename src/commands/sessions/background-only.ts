import type {CommandDeclaration, OperandDeclaration} from '../../cli/command.ts'
import type {FlagTable} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {usageError} from '../../cli/usage-error.ts'
import {runCommand} from '../run-command.ts'

const flags = {...resultFlags} as const satisfies FlagTable

/** A command of background sessions: known by name, so that it can be refused with the reason. */
export function backgroundOnly(
  word: 'attach' | 'ack',
  what: {readonly summary: string; readonly operand: OperandDeclaration}
): CommandDeclaration {
  return {
    id: `sessions:${word}`,
    ...what,
    description: 'Background sessions are not available in this version: the command is refused with 2.',
    examples: [{description: 'What can be used instead', command: 'ferry tasks --watch'}],
    flags,
    run: argv =>
      runCommand({
        argv,
        flags,
        perform: async () => {
          throw usageError(
            `sessions ${word} is for background sessions, and they are not available in this version`,
            'Run the transfer in the foreground; ferry tasks and ferry wait follow it from any terminal.'
          )
        }
      })
  }
}
