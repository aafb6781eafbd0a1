import type {CommandDeclaration} from '../../cli/command.ts'
import {resultFlags} from '../../cli/flags/output.ts'
import {tendStores} from './tend-stores.ts'

export const flush: CommandDeclaration = {
  id: 'sessions:flush',
  summary: 'Write what a session remembers to disk, and make new connections from then on.',
  description:
    'Cookies, credentials and cached answers are on disk when the command returns. Running transfers of the session go ' +
    'on; what their processes ask next goes over new connections, with a new lookup of the name and a full TLS handshake.',
  operand: {name: 'NAME', summary: 'the session; shared unless given', count: 'atMostOne'},
  examples: [
    {description: 'After the network or the certificates have changed', command: 'ferry sessions flush'},
    {description: 'Another session', command: 'ferry sessions flush work'}
  ],
  flags: resultFlags,
  run: argv => tendStores('flush', argv)
}
