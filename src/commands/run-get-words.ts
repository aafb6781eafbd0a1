import type {CommandDeclaration} from '../cli/command.ts'
import {explainTransferFlag, refuseMisreadWords} from '../cli/foreign-spellings.ts'
import {getFlags} from '../cli/transfer-flags.ts'
import type {GetFlags} from '../cli/transfer-flags.ts'
import {runCommand} from './run-command.ts'

/** Runs a command whose words are those of get, and refuses those of them that another tool would have meant. */
export function runGetWords(
  argv: readonly string[],
  perform: (flags: GetFlags, operands: readonly string[]) => Promise<number>
): ReturnType<CommandDeclaration['run']> {
  return runCommand({
    argv,
    flags: getFlags,
    explain: explainTransferFlag,
    perform: async ({flags, operands}) => {
      refuseMisreadWords(argv, operands)
      return perform(flags, operands)
    }
  })
}
