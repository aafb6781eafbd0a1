import {randomBytes} from 'node:crypto'
import {parseContentType} from '../fields/content-type.ts'
import {isBoundary} from '../fields/multipart.ts'
import type {BodyReading, NewBodyReason, RequestBody} from '../request-body.ts'
import type {FormField, UploadTask} from '../upload-task.ts'
import {closing, formParts} from './form-parts.ts'
import type {FormPart} from './form-parts.ts'
import {PieceBuffers} from './piece-buffers.ts'
import {pieceLength} from './piece-length.ts'
import {sourceBody} from './source-body.ts'

/** A form as a body, and the Content-Type that says how to read it; undefined where the request wants none. */
export interface EncodedForm {
  readonly body: RequestBody
  readonly contentType: string | undefined
  prepare(reason: NewBodyReason): Promise<void>
}

/**
 * Encodes a form (RFC 7578) without reading its files: their lengths are known from looking at them, and with them that of
 * the body. A field that is a pipe or a device makes the length unknown, and the form one that can be sent once. Rejects
 * with READ_FAILED where a file cannot be read.
 */
export async function encodeForm(task: UploadTask, fields: readonly FormField[]): Promise<EncodedForm> {
  const {contentType, boundary} = chooseType(wantedType(task))
  const parts: FormPart[] = []
  for (const field of fields) parts.push(...(await formParts(field, boundary)))
  parts.push(closing(boundary))
  const length = parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part.length === undefined ? undefined : sum + part.length),
    0
  )
  const read = (reason: NewBodyReason): BodyReading =>
    inOrder(parts, {reason, buffers: new PieceBuffers(pieceLength(task))})
  const announced = length === undefined ? 'always' : 'again'
  const prepare = async (reason: NewBodyReason): Promise<void> => {
    for (const part of parts) await part.prepare?.(reason)
  }
  return {body: sourceBody(task, {length, first: 0, announced, read}), contentType, prepare}
}

function wantedType({originalRequest: {headers}}: UploadTask): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

/** The boundary is 128 bits of chance that nobody can foresee, unless the request names one itself. */
function chooseType(wanted: string | undefined): {contentType: string | undefined; boundary: string} {
  const own = parseContentType(wanted ?? '')?.parameters.get('boundary')
  if (wanted !== undefined && isBoundary(own)) return {contentType: wanted, boundary: own}
  const boundary = `${'-'.repeat(24)}${randomBytes(16).toString('hex')}`
  if (wanted === '') return {contentType: undefined, boundary}
  return {contentType: `${wanted ?? 'multipart/form-data'}; boundary=${boundary}`, boundary}
}

function inOrder(
  parts: readonly FormPart[],
  occasion: {reason: NewBodyReason; buffers: PieceBuffers}
): BodyReading {
  let current: BodyReading | undefined
  let isClosed = false
  const pieces = (async function* (): AsyncGenerator<Uint8Array, undefined> {
    for (const part of parts) {
      if (isClosed) return
      current = part.read(occasion)
      yield* current
    }
  })()
  return {
    [Symbol.asyncIterator]: () => pieces,
    close: () => {
      isClosed = true
      current?.close()
      pieces.return(undefined).catch(() => {})
    }
  }
}
