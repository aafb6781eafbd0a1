import {setTimeout as sleep} from 'node:timers/promises'
import {answerWhole, fieldsOf, refuse} from './answers.ts'
import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import type {UploadResource} from './upload-resource.ts'

/** What the client says of the content it sends: does it end the representation? */
export interface Content {
  readonly resource: UploadResource
  readonly isLast: boolean
}

/** Stores content as it comes, whatever becomes of the request, and answers. */
export async function takeContent(server: DraftServer, incoming: Incoming, content: Content): Promise<void> {
  const {resource} = content
  const {fault} = incoming
  resource.begin(incoming)
  await inviteContent(server, incoming)
  const end = await incoming.receive(fault.after ?? Infinity, storing(server, incoming, resource))
  if (end === 'broken') return
  if (resource.hasOverflown) return refuseOverflow(server, incoming, resource)
  const isProcessed = end === 'whole' && fault.status === undefined
  if (isProcessed && content.isLast) finish(server, resource)
  if (fault.lateBy !== undefined) await sleep(fault.lateBy, undefined, {ref: false})
  if (incoming.isTerminated) return
  if (fault.connection) return incoming.breakDown(fault.connection)
  return isProcessed ? answerWhole(server, incoming, content) : answerFault(server, incoming, resource)
}

/** 100 (Continue) for who waits for it, whatever else was said before (draft, Status Code 104). */
export async function inviteContent(server: DraftServer, {request, reply, fault}: Incoming): Promise<void> {
  const isAsked = /100-continue/i.test(request.header('expect') ?? '')
  if (isAsked && server.options.continue !== 'withheld' && fault.after !== 0) await reply.informational(100)
}

function storing(server: DraftServer, incoming: Incoming, resource: UploadResource): (bytes: Buffer) => void {
  const {progressEvery = Infinity} = server.options
  const isTold = server.dialect.progress && server.speaks(incoming.request)
  let room = incoming.fault.stores ?? Infinity
  let next = resource.offset + progressEvery
  return bytes => {
    const kept = bytes.subarray(0, room)
    room -= kept.length
    resource.store(kept)
    if (!isTold || resource.offset < next) return
    next = resource.offset + progressEvery
    const fields = {'upload-offset': String(resource.offset)}
    void incoming.reply.informational(104, {...versionField(server), ...fields})
  }
}

/** What every 104 says. */
export function versionField(server: DraftServer): Record<string, string> {
  return {'upload-draft-interop-version': String(server.dialect.version)}
}

function finish(server: DraftServer, resource: UploadResource): void {
  resource.complete(server.process(resource.content, resource.creation))
  server.options.didComplete?.(resource.creation.path)
}

async function refuseOverflow(
  server: DraftServer,
  incoming: Incoming,
  resource: UploadResource
): Promise<void> {
  server.violate(`content beyond the length of ${resource.path}`)
  if (server.dialect.version >= 7) resource.forget()
  await refuse(server, incoming, {status: 400})
}

async function answerFault(server: DraftServer, incoming: Incoming, resource: UploadResource): Promise<void> {
  const {status = 500, fields = {}, body} = incoming.fault
  if (fields['upload-complete'] === '?1') {
    resource.isFinalTold = true
    resource.isComplete = true
  }
  if (server.dialect.offsetInAnswers) resource.toldOffset = resource.offset
  await incoming.answer(status, {...fieldsOf(server, resource), ...fields}, body)
}
