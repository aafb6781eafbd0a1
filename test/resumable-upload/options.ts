import {limitFields} from './answers.ts'
import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'

/** OPTIONS: may uploads begin here, and how large may they be? */
export async function answerOptions(server: DraftServer, incoming: Incoming): Promise<void> {
  const {options = server.dialect.announcesByOptions ? 'limits' : 'plain'} = server.options
  if (options === 'silent') return incoming.breakDown('stall')
  if (await incoming.failsAsPlanned()) return
  if (options === 'refused') return incoming.answer(405)
  const limit = limitFields(server)['upload-limit'] ?? 'min-size=0'
  if (options === 'limits') server.limitsTold.add(incoming.request.path)
  await incoming.answer(204, {
    allow: 'OPTIONS, POST, PUT',
    ...(options === 'limits' && {'upload-limit': limit})
  })
}
