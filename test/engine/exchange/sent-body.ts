import {urlRequest} from '../../../src/engine/index.ts'
import type {HeaderField, URLRequest} from '../../../src/engine/index.ts'
import type {BodyReading, NewBodyReason, RequestBody} from '../../../src/engine/request-body.ts'

/** What became of a body: why it was read, how many readings are open. */
export interface Readings {
  readonly reasons: NewBodyReason[]
  open: number
  /** Pieces asked for, over all readings. */
  pieces: number
}

interface Given {
  readonly bytes: Uint8Array
  /** Bytes of a piece. */
  readonly piece?: number
  /** unknown: it is sent in chunks. Default: known. */
  readonly length?: 'known' | 'unknown'
  /** once: a second reading fails, as that of a stream does. Default: as often as wanted. */
  readonly readable?: 'once'
  /** Settles before each piece; gets the position. */
  readonly before?: (position: number) => Promise<void> | void
}

/** A body out of memory, and what is seen of its readings. */
export function sentBody(given: Given): {body: RequestBody; readings: Readings} {
  const readings: Readings = {reasons: [], open: 0, pieces: 0}
  return {body: new MemoryBody(given, {readings, reason: 'initial'}), readings}
}

/** A request that carries a body. */
export function carrying(
  url: string,
  body: RequestBody,
  {method = 'PUT', headers = []}: {method?: string; headers?: readonly HeaderField[]} = {}
): URLRequest {
  return {...urlRequest(url, {method, headers}), body}
}

class MemoryBody implements RequestBody {
  readonly length: number | undefined
  readonly reason: NewBodyReason
  readonly #given: Given
  readonly #readings: Readings

  constructor(given: Given, {readings, reason}: {readings: Readings; reason: NewBodyReason}) {
    this.#given = given
    this.#readings = readings
    this.reason = reason
    this.length = given.length === 'unknown' ? undefined : given.bytes.length
  }

  again(reason: NewBodyReason): RequestBody {
    return new MemoryBody(this.#given, {readings: this.#readings, reason})
  }

  open(): BodyReading {
    const readings = this.#readings
    const {bytes, piece = 64 * 1024, before, readable} = this.#given
    readings.reasons.push(this.reason)
    if (readable === 'once' && readings.reasons.length > 1) throw new Error('It was read already')
    readings.open += 1
    let isOpen = true
    return {
      async *[Symbol.asyncIterator]() {
        for (let position = 0; position < bytes.length; position += piece) {
          await before?.(position)
          readings.pieces += 1
          yield bytes.subarray(position, position + piece)
        }
      },
      close: () => {
        if (isOpen) readings.open -= 1
        isOpen = false
      }
    }
  }
}
