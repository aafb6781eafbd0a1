import type {SeededBody} from './seeded-bytes.ts'
import {seededSlice} from './seeded-bytes.ts'

/** Ways to break the grammar of a message; each takes the place of the regular answer. */
export type Lie =
  | 'emptyReply'
  | 'junkStatusLine'
  | 'truncatedStatusLine'
  | 'truncatedHead'
  | 'http09'
  | 'twoLengths'
  | 'negativeLength'
  | 'lengthAndChunked'
  | 'chunkedIdentity'
  | 'badChunkSize'
  | 'missingLastChunk'
  | 'foldedHeader'
  | 'nulInHeader'

/** What goes wrong in one answer. Counts of bytes are bytes of this answer's body, not positions in the resource. */
export interface Fault {
  /** FIN after so many bytes (after the head, when 0). */
  readonly cutAfter?: number
  /** RST after so many bytes. */
  readonly resetAfter?: number
  /** FIN without close_notify after so many bytes. */
  readonly tlsCutAfter?: number
  /** Silence on an open connection after so many bytes. */
  readonly stallAfter?: number
  /** Silence after so many bytes until the promise is settled, then the rest. */
  readonly holdAfter?: {readonly bytes: number; readonly until: Promise<unknown>}
  /** The body in small writes. */
  readonly drip?: {readonly bytes: number; readonly everyMs: number}
  /** Bytes a second, in small even writes. */
  readonly limit?: number
  /** Milliseconds of silence before the head. */
  readonly delayHead?: number
  /** No head before the promise is settled. */
  readonly holdHead?: Promise<unknown>
  /** The head in small writes. */
  readonly headDrip?: {readonly bytes: number; readonly everyMs: number}
  /** So many 103 answers first; `endless` sends them until the client goes. */
  readonly informational?: number | 'endless'
  /** Another status, with a short text as its body. */
  readonly status?: number
  readonly retryAfter?: string | number
  readonly redirect?: {readonly status: number; readonly location: string}
  /** A 206 that starts so many bytes later (or, negative, earlier) than asked; Content-Range and bytes agree. */
  readonly shiftRange?: number
  /** A 206 that ends so many bytes before what was asked; Content-Range and bytes agree. */
  readonly shortenRange?: number
  /** The complete length that Content-Range claims. */
  readonly totalInRange?: number | '*'
  /** A 206 in multipart/byteranges form for a single range. */
  readonly rangeForm?: 'multipart'
  /** So many bytes more than the framing promised, in the same writes. */
  readonly extraBytes?: number
  /** Fields (names in lower case) that replace those of the answer; undefined removes one. Applied last, so any head can lie. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Additional fields, by number of lines or by length of one value. */
  readonly headerFlood?: {readonly lines: number} | {readonly bytes: number}
  readonly lie?: Lie
}

/** What an address holds, and how well its server behaves. */
export interface Resource {
  readonly body: Buffer | string | SeededBody
  /** With its quotes: `"v1"` or `W/"v1"`. */
  readonly entityTag?: string
  /** An HTTP date. */
  readonly lastModified?: string
  /** An HTTP date; no Date field unless given. */
  readonly date?: string
  readonly contentType?: string
  /** The field's value; `bytes` unless told. */
  readonly acceptRanges?: 'bytes' | 'none' | 'absent'
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** `honoured` unless told. Several ranges in one request always get the whole. */
  readonly ranges?: 'honoured' | 'ignored'
  /** `honoured` unless told: a validator that does not match strongly gets the whole. */
  readonly ifRange?: 'honoured' | 'ignored'
  /** `honoured` unless told: If-Match, If-None-Match and the two dates. */
  readonly preconditions?: 'honoured' | 'ignored'
  /** `length` unless told. */
  readonly framing?: 'length' | 'chunked' | 'close'
  /** What a 416 says; `bytes` and the length unless told. */
  readonly unsatisfied?: 'withLength' | 'withoutLength'
  /** In every answer. */
  readonly fault?: Fault
  /** In the first answer, the second, and so on; later ones follow `fault`. */
  readonly faults?: readonly Fault[]
}

export function bodySize(resource: Resource): number {
  const {body} = resource
  if (typeof body === 'string') return Buffer.byteLength(body)
  return Buffer.isBuffer(body) ? body.length : body.size
}

export function bodySlice(resource: Resource, offset: number, length: number): Buffer {
  const {body} = resource
  if (typeof body === 'string') return Buffer.from(body).subarray(offset, offset + length)
  return Buffer.isBuffer(body)
    ? body.subarray(offset, offset + length)
    : seededSlice(body.seed, offset, length)
}
