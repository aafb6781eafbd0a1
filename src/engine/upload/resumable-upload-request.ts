import {askedRequest} from '../data/decoding.ts'
import {formatUploadOffset} from '../fields/upload-offset.ts'
import type {RequestBody} from '../request-body.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField, URLRequest} from '../url-request.ts'
import {accompanyingHeaders} from './accompanying-headers.ts'
import {isProtocolField} from './protocol-field.ts'
import {completenessFields, lengthFields, versionField} from './resumable-upload-dialect.ts'
import type {Dialect} from './resumable-upload-dialect.ts'
import type {Piece} from './resumable-upload-piece.ts'

/** A piece of the source, and the source's length. */
export interface Content {
  readonly piece: Piece
  readonly body: RequestBody
  readonly size: number
}

/** The user's own request, which asks for an upload resource as well; a server that knows none takes it as it is (U1). */
export function creationRequest(task: UploadTask, dialect: Dialect, content: Content): URLRequest {
  const asked = askedRequest(task)
  return {
    ...asked,
    headers: [
      ...asked.headers.filter(([name]) => !isProtocolField(name)),
      versionField(dialect),
      ...completenessFields(dialect, content.piece.isLast),
      ...lengthFields(dialect, content.size)
    ],
    body: content.body
  }
}

/** Adds a piece to what the server has (U5). */
export async function appendRequest(
  task: UploadTask,
  dialect: Dialect,
  {url, content: {piece, body}}: {url: URL; content: Content}
): Promise<URLRequest> {
  const {partType} = dialect
  const headers: readonly HeaderField[] = [
    ...(await accompanyingHeaders(task, url)),
    versionField(dialect),
    ['Upload-Offset', formatUploadOffset(piece.first)],
    ...completenessFields(dialect, piece.isLast),
    ...(partType === undefined ? [] : [['Content-Type', partType] as const])
  ]
  return {url, method: 'PATCH', headers, body}
}

/** Asks for the offset, or ends the upload. */
export async function resourceRequest(
  task: UploadTask,
  dialect: Dialect,
  {url, method}: {url: URL; method: 'HEAD' | 'DELETE'}
): Promise<URLRequest> {
  return {url, method, headers: [...(await accompanyingHeaders(task, url)), versionField(dialect)]}
}
