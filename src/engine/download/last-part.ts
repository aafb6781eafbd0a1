import type {DownloadTask} from '../download-task.ts'
import type {BodySink} from '../exchange/exchange.ts'
import {mixedReplaceBoundary, PartsSink} from '../exchange/mixed-replace.ts'
import {fileTooLarge} from '../exchange/receive-body.ts'
import {TransferError} from '../transfer-error.ts'
import type {URLResponse} from '../url-request.ts'

// A part waits in memory until it is whole, since the one before is the content until then.
const largestPart = 64 << 20

/** Keeps the last whole part of content whose parts replace each other (R54). */
export class LastPart implements BodySink {
  readonly #sink: PartsSink
  #last: Buffer | undefined

  constructor({keys}: DownloadTask, boundary: string) {
    const limit = Math.min(keys.limits.maxFileSize ?? Infinity, largestPart)
    let pieces: Uint8Array[] = []
    let size = 0
    this.#sink = new PartsSink(boundary, {
      begin: () => {
        pieces = []
        size = 0
      },
      write: bytes => {
        size += bytes.length
        if (size > limit) throw fileTooLarge(limit)
        pieces.push(bytes)
      },
      end: () => {
        this.#last = Buffer.concat(pieces)
        pieces = []
      }
    })
  }

  write(view: Uint8Array): Promise<void> {
    return this.#sink.write(view)
  }

  /** The content, at the end of the body. A part that is cut does not count. */
  async content(): Promise<Uint8Array> {
    await this.#sink.finish()
    if (this.#last) return this.#last
    throw new TransferError('TRANSFER_TRUNCATED', 'The content ended before its first part was whole')
  }
}

/** What is known of the content of an answer, rather than of the parts that it comes in: nothing to continue it by. */
export function contentHead(response: URLResponse): URLResponse {
  if (mixedReplaceBoundary(response) === undefined) return response
  const headers = response.headers.filter(([name]) => !/^(?:etag|last-modified|content-length)$/.test(name))
  return {...response, headers, expectedContentLength: undefined}
}
