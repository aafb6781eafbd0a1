import {parseContentLength} from '../fields/content-length.ts'
import {parseContentType} from '../fields/content-type.ts'
import {isBoundary, MultipartReader} from '../fields/multipart.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'
import type {BodySink} from './exchange.ts'

/** Takes the parts of a body that replaces itself, one after the other. */
export interface PartReceiver {
  /** The first part is 1. */
  begin(part: number, headers: readonly HeaderField[]): Promise<void> | void
  write(bytes: Uint8Array): Promise<void> | void
  /** The part is whole. */
  end(): void
}

/** The boundary of multipart/x-mixed-replace, whose every part replaces the one before (R54); undefined: another type. */
export function mixedReplaceBoundary({status, headers}: URLResponse): string | undefined {
  const value = headerValue(headers, 'content-type')
  if (status !== 200 || value === undefined || !/^\s*multipart/i.test(value)) return undefined
  const type = parseContentType(value)
  if (type?.type !== 'multipart/x-mixed-replace') return undefined
  const boundary = type.parameters.get('boundary')
  return isBoundary(boundary) ? boundary : undefined
}

/** Takes a multipart body apart while it arrives. */
export class PartsSink implements BodySink {
  readonly #reader: MultipartReader
  readonly #receiver: PartReceiver
  #part = 0
  /** Bytes that the part under way still lacks, where its head announces them. */
  #missing: number | undefined

  constructor(boundary: string, receiver: PartReceiver) {
    this.#reader = new MultipartReader(boundary)
    this.#receiver = receiver
  }

  async write(view: Uint8Array): Promise<void> {
    // The receiver may take its time, and the view is only lent.
    await this.#take(this.#reader.read(Buffer.from(view)))
  }

  /** After the last byte. truncated: the part under way has no proven end. */
  async finish(): Promise<'whole' | 'truncated'> {
    await this.#take(this.#reader.finish())
    if (!this.#reader.isInPart) return 'whole'
    if (this.#missing !== 0) return 'truncated'
    this.#receiver.end()
    return 'whole'
  }

  async #take(tokens: ReturnType<MultipartReader['read']>): Promise<void> {
    for (const token of tokens) {
      switch (token.kind) {
        case 'part':
          this.#part += 1
          this.#missing = lengthOf(token.headers)
          await this.#receiver.begin(this.#part, token.headers)
          break
        case 'data':
          if (this.#missing !== undefined) this.#missing -= token.bytes.length
          await this.#receiver.write(token.bytes)
          break
        case 'partEnd':
          this.#receiver.end()
          break
        case 'tooLarge':
          throw new TransferError('HEADERS_TOO_LARGE', 'The head of a part of the content is too large')
      }
    }
  }
}

/** What the head of a part announces as its length. */
export function lengthOf(headers: readonly HeaderField[]): number | undefined {
  return parseContentLength(headers.filter(([name]) => name === 'content-length').map(([, value]) => value))
}
