import {limitFields, refuse} from './answers.ts'
import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import {takePlainly} from './plain.ts'
import {booleanField, contentLength, integerField} from './structured.ts'
import {takeContent, versionField} from './take-content.ts'
import type {UploadResource} from './upload-resource.ts'

/** A request that begins an upload (draft, Upload Creation). */
export async function create(server: DraftServer, incoming: Incoming): Promise<void> {
  const {request, fault} = incoming
  const isLast = booleanField(request, 'upload-complete') === true
  const said = integerField(request, 'upload-length')
  const counted = isLast ? contentLength(request) : undefined
  if (request.header('upload-offset') !== undefined) server.violate('a creation says Upload-Offset')
  if (said !== undefined && counted !== undefined && said !== counted) {
    server.violate('the lengths of a creation differ')
    return refuse(server, incoming, {
      status: server.dialect.inconsistentStatus,
      problem: 'inconsistent-upload-length'
    })
  }
  // A refusal before any content is the target's own affair; no upload begins.
  if (fault.after === 0 && fault.status !== undefined) {
    return incoming.answer(fault.status, {...fault.fields}, fault.body)
  }
  const length = said ?? counted
  const {minSize = 0} = server.options.limits ?? {}
  if ((length ?? 0) < minSize) return takePlainly(server, incoming)
  if (await isTooLarge(server, incoming, length)) return
  const resource = server.openResource(request)
  resource.length = length
  const isAnnounced = server.options.interim !== 'withheld' && !fault.unannounced
  if (isAnnounced) await announce(server, incoming, resource)
  return takeContent(server, incoming, {resource, isLast})
}

async function isTooLarge(
  server: DraftServer,
  incoming: Incoming,
  length: number | undefined
): Promise<boolean> {
  const {maxSize = Infinity, maxAppendSize = Infinity, minAppendSize = 0} = server.options.limits ?? {}
  const size = contentLength(incoming.request)
  const isPart = booleanField(incoming.request, 'upload-complete') === false
  const isTooSmall = isPart && size !== 0 && (size ?? minAppendSize) < minAppendSize
  const isAgainstAppend = isTooSmall || (size ?? 0) > maxAppendSize
  if (!isAgainstAppend && (length ?? 0) <= maxSize) return false
  if (server.limitsTold.has(incoming.request.path))
    server.violate('a creation is against limits that were told')
  await refuse(server, incoming, {status: isTooSmall ? 400 : 413, fields: limitFields(server)})
  return true
}

async function announce(server: DraftServer, {reply}: Incoming, resource: UploadResource): Promise<void> {
  resource.areLimitsTold = limitFields(server)['upload-limit'] !== undefined
  const fields = {...versionField(server), ...limitFields(server)}
  await reply.informational(104, {...fields, location: server.locationOf(resource, 'first')})
  if (server.options.location !== 'changing') return
  await reply.informational(104, {...fields, location: server.locationOf(resource, 'again')})
}
