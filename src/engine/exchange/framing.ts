import type {Dispatcher} from 'undici'
import {parseContentLength} from '../fields/content-length.ts'
import {parseTransferEncoding} from '../fields/transfer-encoding.ts'
import {TransferError} from '../transfer-error.ts'
import type {HeaderField} from '../url-request.ts'

/** How the end of a body is known (RFC 9112, 6.3). close: only by the end of the connection, which proves nothing. */
export type Framing = 'length' | 'chunked' | 'close' | 'none'

/** What the head of an answer says about its body. */
export interface BodyFraming {
  readonly framing: Framing
  /** Bytes by Content-Length; for an answer without a body, those the body would have. */
  readonly contentLength: number | undefined
}

/** The head of an answer, as far as its framing depends on it. */
export interface FramedHead {
  readonly method: string
  readonly status: number
  readonly headers: readonly HeaderField[]
}

/** Reads the framing strictly: what is ambiguous is refused, since a wrong guess would hand over wrong bytes. */
export function readFraming({method, status, headers}: FramedHead): BodyFraming | TransferError {
  const codings = valuesOf(headers, 'transfer-encoding')
  const coding = parseTransferEncoding(codings.length === 0 ? undefined : codings.join(', '))
  if (coding === 'refused') {
    return new TransferError('REPLY_MALFORMED', 'The server uses a transfer coding that is not understood')
  }
  const lengths = valuesOf(headers, 'content-length')
  const length = parseContentLength(lengths)
  if (method === 'HEAD' || status === 204 || status === 304) return {framing: 'none', contentLength: length}
  // A length beside a transfer coding means nothing.
  if (coding === 'chunked') return {framing: 'chunked', contentLength: undefined}
  if (lengths.length > 0 && length === undefined) {
    return new TransferError('REPLY_MALFORMED', 'The Content-Length of the answer cannot be read')
  }
  return {framing: length === undefined ? 'close' : 'length', contentLength: length}
}

// A run keeps thousands of heads: they share the names that nearly all of them have.
const usualNames: ReadonlyMap<string, string> = new Map(
  [
    'accept-ranges',
    'cache-control',
    'connection',
    'content-length',
    'content-type',
    'date',
    'etag',
    'expires',
    'last-modified',
    'server',
    'vary'
  ].map(name => [name, name])
)

/** The header lines as the parser has them: one entry a line, names in lower case, values byte for byte. */
export function fieldsOf(raw: Dispatcher.DispatchController['rawHeaders']): HeaderField[] {
  // HTTP/2 gives an object, with a list where a name is repeated.
  if (raw && !Array.isArray(raw)) {
    return Object.entries(raw).flatMap(([name, value]) =>
      [value ?? []].flat().map((line): HeaderField => [name, line])
    )
  }
  const lines = (raw ?? []) as readonly (Buffer | string)[]
  const fields: HeaderField[] = []
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = text(lines[index]).toLowerCase()
    fields.push([usualNames.get(name) ?? name, text(lines[index + 1])])
  }
  return fields
}

function text(piece: Buffer | string | undefined): string {
  return typeof piece === 'string' ? piece : (piece?.toString('latin1') ?? '')
}

/** The values of one header, in their order. */
export function valuesOf(headers: readonly HeaderField[], name: string): string[] {
  return headers.filter(([candidate]) => candidate === name).map(([, value]) => value)
}
