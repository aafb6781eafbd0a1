import type {Validators} from '../exchange/validators.ts'
import {ifRange} from '../fields/if-range.ts'
import {formatRangeFrom} from '../fields/range.ts'
import type {HeaderField} from '../url-request.ts'

/** What is here already of a representation. */
export interface Held {
  /** Bytes from the start that are on disk. */
  readonly offset: number
  readonly total: number | undefined
  readonly validators: Validators
}

/** Headers of ours that a new request must not inherit from the one before (they would pile up). */
const ours = /^(range|if-range|accept-encoding)$/i

/**
 * The headers that ask for the rest, or for everything when nothing is held. Only a strong validator continues a
 * download; whoever calls this with an offset has made sure there is one.
 */
export function rangeHeaders(headers: readonly HeaderField[], held: Held | undefined): HeaderField[] {
  if (!held) return [...headers]
  const own = headers.filter(([name]) => !ours.test(name))
  const condition = ifRange(held.validators)
  return [
    ...own,
    ['Accept-Encoding', 'identity'],
    ['Range', formatRangeFrom(held.offset)],
    ...(condition === undefined ? [] : [['If-Range', condition] as const])
  ]
}
