import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import {inviteContent} from './take-content.ts'

const methods = new Set(['PUT', 'POST', 'PATCH'])

/** A request as it would be without the draft: what breaks, is lost. */
export async function takePlainly(server: DraftServer, incoming: Incoming): Promise<void> {
  const {request, fault} = incoming
  if (!methods.has(request.method)) return incoming.answer(405)
  await inviteContent(server, incoming)
  const pieces: Buffer[] = []
  const end = await incoming.receive(fault.after ?? Infinity, bytes => pieces.push(bytes))
  if (end === 'broken' || (await incoming.failsAsPlanned())) return
  const content = Buffer.concat(pieces)
  const place = server.openPlace()
  place.append(content)
  place.finish(request.path)
  server.plain.push({request, content})
  server.options.didComplete?.(request.path)
  const {status, fields, body} = server.process(content, request)
  await incoming.answer(status, fields, body)
}
