import type {CommandDeclaration} from '../../cli/command.ts'
import {changeFlags as flags} from '../../cli/flags/sessions.ts'
import type {SpeechFlags} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import {removeProfiles} from '../../profiles/profile-changes.ts'
import {runCommand} from '../run-command.ts'
import {profilePlace, tell} from './session-words.ts'
import {withStores} from './stored-session.ts'

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

async function perform(given: SpeechFlags, operands: readonly string[]): Promise<number> {
  if (operands.length === 0) throw usageError('Name the sessions: ferry sessions remove NAME...')
  const place = profilePlace(given)
  const removed = await removeProfiles(operands, place)
  for (const profile of removed) {
    // Another session of that name must not find the cookies and credentials of this one; cookie files are the user's own.
    await withStores(
      profile,
      error => place.warn(error.message),
      session => session.reset()
    )
    tell(given, `The session ${profile.name} is gone, with what it remembered.`)
  }
  return 0
}
