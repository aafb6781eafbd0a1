import type {CommandDeclaration} from '../../cli/command.ts'
import {changeFlags as flags} from '../../cli/flags/sessions.ts'
import type {SpeechFlags} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import {changeProfile} from '../../profiles/profile-changes.ts'
import {withoutKeys} from '../../profiles/settings.ts'
import {runCommand} from '../run-command.ts'
import {profilePlace, tell} from './session-words.ts'

export const unset: CommandDeclaration = {
  id: 'sessions:unset',
  summary: 'Put keys of a session back to their defaults.',
  description:
    'A beginning that several keys share, such as headers or hosts.example.com, means all of them.',
  operand: {name: 'NAME KEY', summary: 'the session, and the keys', count: 'many'},
  examples: [
    {description: 'Back to 60 seconds', command: 'ferry sessions unset artifacts timeouts.idle'},
    {
      description: 'Everything about one host',
      command: 'ferry sessions unset artifacts hosts.mirror.example.com'
    }
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: SpeechFlags, operands: readonly string[]): Promise<number> {
  const [name, ...keys] = operands
  if (name === undefined || keys.length === 0)
    throw usageError('Name the session and its keys: ferry sessions unset NAME KEY...')
  const idle: string[] = []
  const change = await changeProfile(
    name,
    values => {
      const unset = withoutKeys(values, keys)
      idle.push(...unset.idle)
      return unset.values
    },
    profilePlace(given)
  )
  for (const key of idle) tell(given, `${key} had its default already.`)
  tell(given, `The session ${name} is changed (revision ${change.revision}).`)
  return 0
}
