import type {DraftServer} from './draft-server.ts'
import type {Incoming} from './incoming.ts'
import {limitField} from './limits.ts'
import type {Content} from './take-content.ts'
import type {UploadResource} from './upload-resource.ts'

type Fields = Readonly<Record<string, string | undefined>>

/** Fields of an answer that comes from the protocol and not from the target; null: there is no upload. */
export function fieldsOf(server: DraftServer, resource: UploadResource | null): Fields {
  const {offsetInAnswers, completeMarksTarget} = server.dialect
  return {
    ...(completeMarksTarget && {'upload-complete': '?0'}),
    ...(offsetInAnswers && resource?.isActive && {'upload-offset': String(resource.offset)})
  }
}

export function limitFields(server: DraftServer): Fields {
  return {'upload-limit': limitField(server.options.limits ?? {}, server.dialect)}
}

/** The answer to content that has come whole: the target's, or that more is welcome. */
export function answerWhole(server: DraftServer, incoming: Incoming, content: Content): Promise<void> {
  const {resource, isLast} = content
  return isLast ? answerFinally(server, incoming, resource) : answerPart(server, incoming, resource)
}

async function answerPart(server: DraftServer, incoming: Incoming, resource: UploadResource): Promise<void> {
  const isCreation = incoming.kind === 'create'
  resource.toldOffset = resource.offset
  if (isCreation) resource.areLimitsTold = true
  await incoming.answer(isCreation ? 201 : server.dialect.appendStatus, {
    ...fieldsOf(server, resource),
    'upload-complete': '?0',
    ...(isCreation && {location: server.locationOf(resource, 'again'), ...limitFields(server)})
  })
}

/** What the target says, for the first time or once more. */
export async function answerFinally(
  server: DraftServer,
  incoming: Incoming,
  resource: UploadResource
): Promise<void> {
  const {status, fields = {}, body} = resource.finalAnswer ?? {status: 201}
  const {offsetInAnswers, completeMarksTarget} = server.dialect
  const own: Fields = {
    ...(offsetInAnswers && {'upload-offset': String(resource.offset)}),
    ...(offsetInAnswers && incoming.kind === 'create' && {location: server.locationOf(resource, 'again')}),
    ...(completeMarksTarget && {'upload-complete': '?1'})
  }
  resource.isFinalTold = incoming.reply.isOpen()
  await incoming.answer(status, {...own, ...fields}, body)
}

/** A refusal that leaves everything as it was. */
export interface Refusal {
  readonly status: number
  readonly resource?: UploadResource
  readonly fields?: Fields
  /** Last part of the problem type's address, and members of its document. */
  readonly problem?: string
  readonly members?: Readonly<Record<string, unknown>>
}

const problemTypes = 'https://iana.org/assignments/http-problem-types#'

export async function refuse(server: DraftServer, incoming: Incoming, refusal: Refusal): Promise<void> {
  const {status, resource, fields, problem, members} = refusal
  const hasDocument = problem !== undefined && server.dialect.problemTypes
  const document = hasDocument ? JSON.stringify({type: problemTypes + problem, ...members}) : ''
  const offset = fields?.['upload-offset'] ?? (resource && fieldsOf(server, resource)['upload-offset'])
  if (resource && offset !== undefined) resource.toldOffset = Number(offset)
  await incoming.answer(
    status,
    {
      ...fieldsOf(server, resource ?? null),
      ...(hasDocument && {'content-type': 'application/problem+json'}),
      ...fields
    },
    document
  )
}
