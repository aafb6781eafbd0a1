import type {CommandDeclaration} from '../../cli/command.ts'
import type {FlagTable} from '../../cli/flag-table.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {runCommand} from '../run-command.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {findProfile, withStores} from './stored-session.ts'
import {nameOf, nobody, reportSession, warner} from './tell-processes.ts'

const flags = {...resultFlags} as const satisfies FlagTable

export const flush: CommandDeclaration = {
  id: 'sessions:flush',
  summary: 'Write what a session remembers to disk, and let its next requests make new connections.',
  description:
    'Cookies, credentials and cached answers are on disk when the command returns. Running transfers of the session go ' +
    'on; what their processes ask next goes over new connections, with a new lookup of the name and a full TLS handshake.',
  operand: {name: 'NAME', summary: 'the session; shared unless given', count: 'atMostOne'},
  examples: [
    {description: 'After the network or the certificates have changed', command: 'ferry sessions flush'},
    {description: 'Another session', command: 'ferry sessions flush work'}
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
          const sentence = `${session} keeps nothing outside its own process: there is nothing to flush`
          return reportSession({session, sentence, answers: nobody}, given)
        }
        const answers = await openControlDesk().sessions.flush(session)
        await withStores(
          profile,
          error => warn(error.message),
          stored => stored.flush()
        )
        return reportSession({session, sentence: `flushed ${session}`, answers}, given)
      }
    })
}
