import type {CommandDeclaration} from '../../cli/command.ts'
import {changeFlags as flags} from '../../cli/flags/sessions.ts'
import {readKeyValue} from '../../cli/key-value.ts'
import type {SpeechFlags} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import {changeProfile} from '../../profiles/profile-changes.ts'
import {assertOwnProfile} from '../../profiles/profile-name.ts'
import {withSettings} from '../../profiles/settings.ts'
import {runCommand} from '../run-command.ts'
import {profilePlace, tell} from './session-words.ts'

export const set: CommandDeclaration = {
  id: 'sessions:set',
  summary: 'Change a session, key by key.',
  description:
    'The keys are those that ferry sessions show NAME --json prints, joined with dots; hosts.HOST.KEY holds for one host ' +
    'only. Transfers that run or wait already keep what they began with. null goes back to the default.',
  operand: {name: 'NAME KEY=VALUE', summary: 'the session, and what it is to have', count: 'many'},
  examples: [
    {
      description: 'Be patient, and speak through a proxy',
      command: 'ferry sessions set artifacts timeouts.idle=5m proxy.url=http://proxy.example.com:3128'
    },
    {
      description: 'A header for one host only, its secret in a file',
      command: 'ferry sessions set artifacts hosts.mirror.example.com.headers.X-Api-Key=@/run/secrets/mirror'
    },
    {
      description: 'A name and password, the password in the environment',
      command: 'ferry sessions set artifacts credentials.user=ana credentials.password=env:ARTIFACTS_PASSWORD'
    }
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: SpeechFlags, operands: readonly string[]): Promise<number> {
  const [name, ...words] = operands
  if (name === undefined || words.length === 0) {
    throw usageError(
      'Name the session and what it is to have: ferry sessions set NAME KEY=VALUE',
      'For example: ferry sessions set artifacts timeouts.idle=30'
    )
  }
  assertOwnProfile(name)
  const settings = words.map(readKeyValue)
  const {revision} = await changeProfile(name, values => withSettings(values, settings), profilePlace(given))
  tell(
    given,
    `The session ${name} is changed (revision ${revision}); transfers that run or wait already keep what they began with.`
  )
  return 0
}
