import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagValues} from '../../cli/flag-table.ts'
import {resultFlags as flags} from '../../cli/flags/output.ts'
import {usageError} from '../../cli/usage-error.ts'
import {runCommand} from '../run-command.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {assertBackgroundSession} from './background-session.ts'
import {tell} from './session-words.ts'

export const ack: CommandDeclaration = {
  id: 'sessions:ack',
  summary: "Confirm a background session's events, so that they do not come again.",
  description:
    'TOKEN is that of session.eventsFinished, which ferry sessions attach prints. All events up to there are forgotten, ' +
    'with the ended tasks that they tell of, and the process that is attached ends. Confirming twice changes nothing; a ' +
    'token of another session is refused with 2.',
  operand: {name: 'NAME TOKEN', summary: 'the background session, and the token', count: 'many'},
  examples: [
    {
      description: 'Confirm what was read',
      command: 'ferry sessions ack nightly 42.9Zc1vJ0f2sRrFJk6u2p0ZQw3ZJf5lM0m5mQb8H1cQ2A'
    }
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  const [session, token, ...more] = operands
  if (session === undefined || token === undefined || more.length > 0) {
    throw usageError(
      'Name the session and the token: ferry sessions ack NAME TOKEN',
      'session.eventsFinished has the token: ferry sessions attach NAME'
    )
  }
  const client = openBackground()
  await assertBackgroundSession(session, {client, warn: sentence => tell(given, `warning: ${sentence}`)})
  await client.acknowledge(session, token)
  if (given.json) process.stdout.write(jsonDocument({ok: true, session}))
  else tell(given, `Confirmed what has happened in ${session}.`)
  return 0
}
