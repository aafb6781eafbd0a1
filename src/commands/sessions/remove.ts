import type {CommandDeclaration} from '../../cli/command.ts'
import {changeFlags as flags} from '../../cli/flags/sessions.ts'
import {usageError} from '../../cli/usage-error.ts'
import {removeProfiles} from '../../profiles/profile-changes.ts'
import {runCommand} from '../run-command.ts'
import {profilePlace, tell} from './session-words.ts'
import type {SessionSpeech} from './session-words.ts'

export const remove: CommandDeclaration = {
  id: 'sessions:remove',
  summary: 'Take sessions away, with what they remember.',
  description:
    'Transfers that run go on. Those that are paused can be resumed, with the defaults or with another session.',
  operand: {name: 'NAME', summary: 'sessions of your own', count: 'many'},
  examples: [{description: 'Take a session away', command: 'ferry sessions remove artifacts'}],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: SessionSpeech, operands: readonly string[]): Promise<number> {
  if (operands.length === 0) throw usageError('Name the sessions: ferry sessions remove NAME...')
  await removeProfiles(operands, profilePlace(given))
  for (const name of operands) tell(given, `The session ${name} is gone.`)
  return 0
}
