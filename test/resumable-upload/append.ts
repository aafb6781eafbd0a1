import {answerFinally, limitFields, refuse} from './answers.ts'
import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import {booleanField, contentLength, integerField} from './structured.ts'
import {takeContent} from './take-content.ts'
import type {UploadResource} from './upload-resource.ts'

interface Claims {
  readonly offset: number
  readonly isLast: boolean
  /** Bytes of this content; undefined: in chunks. */
  readonly size: number | undefined
  /** Of the representation, as far as this request says; more than one value is a mistake. */
  readonly lengths: readonly number[]
}

/** A request that goes on with an upload (draft, Upload Append). */
export async function append(
  server: DraftServer,
  resource: UploadResource,
  incoming: Incoming
): Promise<void> {
  const {request, fault} = incoming
  const {mediaType} = server.dialect
  if (fault.status !== undefined && fault.after === 0) {
    return incoming.answer(fault.status, {...fault.fields}, fault.body)
  }
  if (mediaType !== undefined && request.header('content-type') !== mediaType) {
    server.violate(`an append says Content-Type: ${request.header('content-type') ?? 'nothing'}`)
    return refuse(server, incoming, {status: 415, resource})
  }
  const claims = readClaims(server, incoming)
  if (!claims) return refuse(server, incoming, {status: 400, resource})
  if (resource.isComplete) return appendToComplete(server, resource, incoming)
  if (claims.offset !== resource.toldOffset) {
    server.violate(
      `an append begins at ${claims.offset}, but ${resource.toldOffset ?? 'no offset'} was told last`
    )
  }
  if (claims.offset !== resource.offset || fault.conflicts) {
    return refuseOffset(server, resource, {incoming, offset: claims.offset})
  }
  if (await isRefused(server, resource, {incoming, claims})) return
  return takeContent(server, incoming, {resource, isLast: claims.isLast})
}

function readClaims(server: DraftServer, {request}: Incoming): Claims | undefined {
  const offset = integerField(request, 'upload-offset')
  const complete = booleanField(request, 'upload-complete')
  if (offset === undefined) server.violate('an append says no Upload-Offset')
  if (complete === undefined && server.dialect.completeRequired)
    server.violate('an append says no Upload-Complete')
  if (offset === undefined || (complete === undefined && server.dialect.completeRequired)) return undefined
  const isLast = complete ?? true
  const size = contentLength(request)
  const said = integerField(request, 'upload-length')
  const lengths = [
    ...(isLast && size !== undefined ? [offset + size] : []),
    ...(said === undefined ? [] : [said])
  ]
  return {offset, isLast, size, lengths}
}

async function appendToComplete(
  server: DraftServer,
  resource: UploadResource,
  incoming: Incoming
): Promise<void> {
  const {completedAppend = server.dialect.completedAppend} = server.options
  if (resource.isFinalTold) server.violate(`an append after ${resource.path} was completed`)
  else if (contentLength(incoming.request) !== 0) server.violate(`content for the complete ${resource.path}`)
  if (completedAppend === 'replay') return answerFinally(server, incoming, resource)
  if (completedAppend === 'forget') {
    resource.forget()
    return incoming.answer(404)
  }
  return refuse(server, incoming, {status: 400, resource, problem: 'completed-upload'})
}

function refuseOffset(
  server: DraftServer,
  resource: UploadResource,
  {incoming, offset}: {incoming: Incoming; offset: number}
): Promise<void> {
  return refuse(server, incoming, {
    status: 409,
    resource,
    fields: {'upload-offset': String(resource.offset)},
    problem: 'mismatching-upload-offset',
    members: {'expected-offset': resource.offset, 'provided-offset': offset}
  })
}

async function isRefused(
  server: DraftServer,
  resource: UploadResource,
  {incoming, claims}: {incoming: Incoming; claims: Claims}
): Promise<boolean> {
  const lengths = new Set([...claims.lengths, ...(resource.length === undefined ? [] : [resource.length])])
  const [length] = lengths
  if (lengths.size > 1) {
    server.violate(`the length of ${resource.path} has changed`)
    const status = server.dialect.inconsistentStatus
    await refuse(server, incoming, {status, resource, problem: 'inconsistent-upload-length'})
    return true
  }
  resource.length = length
  const {maxSize = Infinity, maxAppendSize = Infinity, minAppendSize = 0} = server.options.limits ?? {}
  const {isLast, size = 0} = claims
  const isTooSmall = !isLast && size < minAppendSize
  if (!isTooSmall && size <= maxAppendSize && claims.offset + size <= maxSize) return false
  if (resource.areLimitsTold) server.violate('an append is against limits that were told')
  await refuse(server, incoming, {status: isTooSmall ? 400 : 413, resource, fields: limitFields(server)})
  return true
}
