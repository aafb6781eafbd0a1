import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {runCommand} from '../run-command.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {findProfile, withStores} from './stored-session.ts'
import {nameOf, nobody, reportSession, warner} from './tell-processes.ts'

const flags = {...resultFlags} as const satisfies FlagTable

export const reset: CommandDeclaration = {
  id: 'sessions:reset',
  summary: 'Forget what a session remembers: cookies, credentials, cached answers, hosts that insist on TLS.',
  description:
    'On disk and in the memory of running processes. The session itself stays as it is configured, running downloads go ' +
    'on, and what was paused can still be resumed. Afterwards the session is flushed.',
  operand: {name: 'NAME', summary: 'the session; shared unless given', count: 'atMostOne'},
  examples: [
    {description: 'Log out everywhere', command: 'ferry sessions reset'},
    {description: 'Another session', command: 'ferry sessions reset work'}
  ],
  flags,
  run: argv =>
    runCommand({
      argv,
      flags,
      perform: async ({flags: given, operands}) => {
        const session = nameOf(operands, 'shared')
        const warn = warner(given)
        const profile = await findProfile(session, warn)
        if (profile.kind === 'ephemeral') {
          const sentence = `${session} keeps nothing outside its own process: there is nothing to forget`
          return reportSession({session, sentence, answers: nobody}, given)
        }
        // The processes first: what one of them still had in memory must not come back to disk afterwards.
        const answers = await openControlDesk().sessions.reset(session)
        await withStores(
          profile,
          error => warn(error.message),
          stored => stored.reset()
        )
        return reportSession({session, sentence: `reset ${session}`, answers}, given)
      }
    })
}
