import {limitFields} from './answers.ts'
import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import type {UploadResource} from './upload-resource.ts'

/** Offset, completeness, length and limits (draft, Offset Retrieval). */
export async function tellState(
  server: DraftServer,
  resource: UploadResource,
  incoming: Incoming
): Promise<void> {
  const {method} = incoming.request
  if (method !== 'HEAD' && !(method === 'GET' && server.dialect.version === 8)) {
    server.violate(`${method} at an upload resource`)
    return incoming.answer(405)
  }
  if (resource.isFinalTold) server.violate(`${method} after ${resource.path} was completed`)
  if (await hasFailed(server, incoming)) return
  const offset = incoming.fault.claimedOffset ?? resource.offset
  resource.toldOffset = offset
  resource.areLimitsTold = limitFields(server)['upload-limit'] !== undefined
  await incoming.answer(204, {
    'upload-offset': String(offset),
    'upload-complete': resource.isComplete ? '?1' : '?0',
    ...(server.dialect.lengthInState &&
      resource.length !== undefined && {'upload-length': String(resource.length)}),
    ...limitFields(server),
    'cache-control': 'no-store'
  })
}

/** DELETE (draft, Upload Cancellation). */
export async function cancel(
  server: DraftServer,
  resource: UploadResource,
  incoming: Incoming
): Promise<void> {
  if (resource.isFinalTold) server.violate(`DELETE after ${resource.path} was completed`)
  if (await hasFailed(server, incoming)) return
  if (server.options.cancellation === 'unsupported') return incoming.answer(405)
  resource.forget()
  await incoming.answer(204)
}

/** Answers a request that may not say what it says, or that a fault was meant for. */
async function hasFailed(server: DraftServer, incoming: Incoming): Promise<boolean> {
  const {request} = incoming
  const says = (name: string): boolean => request.header(name) !== undefined
  if (server.dialect.refusesStateFields && (says('upload-offset') || says('upload-complete'))) {
    server.violate(`${request.method} says Upload-Offset or Upload-Complete`)
    await incoming.answer(400)
    return true
  }
  return incoming.failsAsPlanned()
}
