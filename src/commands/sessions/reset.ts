import type {CommandDeclaration} from '../../cli/command.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {tendStores} from './tend-stores.ts'

export const reset: CommandDeclaration = {
  id: 'sessions:reset',
  summary: 'Forget what a session remembers: cookies, credentials, cached answers and more.',
  description:
    'Hosts that insist on TLS are forgotten too, on disk and in the memory of running processes. The session itself stays ' +
    'as it is configured, running downloads go on, and what was paused can still be resumed. Afterwards the session is ' +
    'flushed.',
  operand: {name: 'NAME', summary: 'the session; shared unless given', count: 'atMostOne'},
  examples: [
    {description: 'Log out everywhere', command: 'ferry sessions reset'},
    {description: 'Another session', command: 'ferry sessions reset work'}
  ],
  flags: resultFlags,
  run: argv => tendStores('reset', argv)
}
