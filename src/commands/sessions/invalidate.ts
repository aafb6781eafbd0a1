import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {runCommand} from '../run-command.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {findProfile} from './stored-session.ts'
import {nameOf, reportSession, warner} from './tell-processes.ts'

const flags = {
  cancel: {
    kind: 'switch',
    group: 'SELECTION',
    summary: 'Also end the transfers it has, for good: nothing of them stays on disk.'
  },
  ...resultFlags
} as const satisfies FlagTable

export const invalidate: CommandDeclaration = {
  id: 'sessions:invalidate',
  summary: 'Let the running processes of a session take no new transfers in it.',
  description:
    'Transfers that they have already go on to their end, and nobody waits for them here; --cancel ends them with 115. ' +
    'Only processes that run now are meant: the session can be used again by the next command. Of a background session ' +
    'the background service is meant, whether it runs or not: new transfers are refused with 112 until those it has are ' +
    'done, and then the name can be used again. The sessions shared and ephemeral cannot be invalidated.',
  operand: {name: 'NAME', summary: 'the session', count: 'one'},
  examples: [
    {description: 'Let it run dry', command: 'ferry sessions invalidate work'},
    {description: 'End everything that runs in it', command: 'ferry sessions invalidate work --cancel'},
    {
      description: 'Give up all background transfers',
      command: 'ferry sessions invalidate background --cancel'
    }
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        const session = nameOf(operands)
        await assertKnown(session, warner(given))
        const existing = given.cancel ? 'cancel' : 'finish'
        const answers = await openControlDesk().sessions.invalidate(session, existing)
        const tasks = answers.processes.reduce((sum, process) => sum + process.tasks, 0)
        const fate = given.cancel ? 'cancelled' : 'finishing'
        const transfers = tasks === 1 ? '1 transfer' : `${tasks} transfers`
        return reportSession(
          {session, sentence: `invalidated ${session}, ${transfers} ${fate}`, answers},
          given
        )
      }
    })
}

// Unfinished tasks of a background session are there without a process; one that has none has nothing to be told.
async function assertKnown(session: string, warn: (sentence: string) => void): Promise<void> {
  const client = openBackground()
  const standing = (await client.sessions()).find(({identifier}) => identifier === session)
  if (!standing) return void (await findProfile(session, warn))
  const {waiting, running, held} = standing.daemon.tasks
  if (standing.daemon.pid === null && waiting + running + held > 0) await client.wake()
}
