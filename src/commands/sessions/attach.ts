import type {CommandDeclaration} from '../../cli/command.ts'
import {signalExitCodes} from '../../cli/exit-codes.ts'
import type {FlagValues} from '../../cli/flag-table.ts'
import {changeFlags as flags} from '../../cli/flags/sessions.ts'
import {watchSignals} from '../../cli/signals.ts'
import type {StopSignal} from '../../cli/signals.ts'
import {hasReaderLeft, standardOutput} from '../../cli/standard-output.ts'
import type {TransferError} from '../../engine/index.ts'
import {runCommand} from '../run-command.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {assertBackgroundSession} from './background-session.ts'
import {oneName, tell} from './session-words.ts'

export const attach: CommandDeclaration = {
  id: 'sessions:attach',
  summary: 'Print what has happened in a background session, and what happens, as it does.',
  description:
    'One JSON object a line: every event that was not acknowledged yet, in order, then live ones with the progress. When ' +
    'nothing waits or runs any more, session.eventsFinished brings a token; ferry sessions ack with it ends the command, ' +
    'and the events do not come again. ^C detaches: the transfers go on, and the events come again the next time. One ' +
    'process at a time can be attached; another one gets 112.',
  operand: {name: 'NAME', summary: 'the background session', count: 'one'},
  examples: [
    {description: 'Follow the transfers of --background', command: 'ferry sessions attach background'},
    {
      description: 'The names of the files, as they arrive',
      command: `ferry sessions attach nightly | jq --unbuffered -r 'select(.event == "task.finished").path'`
    }
  ],
  flags,
  run: argv => runCommand({argv, flags, perform: ({flags: given, operands}) => perform(given, operands)})
}

async function perform(given: FlagValues<typeof flags>, operands: readonly string[]): Promise<number> {
  const session = oneName(operands, 'attach')
  const client = openBackground()
  await assertBackgroundSession(session, {client, warn: sentence => tell(given, `warning: ${sentence}`)})
  const leaving = new AbortController()
  let signalled: StopSignal | undefined
  const stopWatching = watchSignals({
    stop: signal => {
      signalled = signal
      leaving.abort()
    },
    abandon: () => {}
  })
  const failure = await print(client.attach(session, leaving.signal), leaving).finally(stopWatching)
  if (failure) throw failure
  if (signalled === undefined) return 0
  tell(given, `Detached: the transfers of ${session} go on.`)
  return signalExitCodes[signalled]
}

// Resolves to why nothing more could be printed. A reader that has left has seen enough.
async function print(
  lines: AsyncIterable<string>,
  leaving: AbortController
): Promise<TransferError | undefined> {
  let failure: TransferError | undefined
  const stdout = standardOutput(error => {
    if (!hasReaderLeft(error)) failure = error
    leaving.abort()
  })
  try {
    for await (const line of lines) await stdout.write(`${line}\n`)
    await stdout.flushed()
  } catch (error) {
    if (!leaving.signal.aborted) throw error
  }
  return failure
}
