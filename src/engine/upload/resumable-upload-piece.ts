import type {UploadLimit} from '../fields/upload-limit.ts'

/** A stretch of the source that one request carries. */
export interface Piece {
  readonly first: number
  readonly length: number
  /** Does it reach to the end of the source? */
  readonly isLast: boolean
}

/**
 * The longest piece that a server takes from an offset on. Undefined: none, because its limits contradict each other.
 * Only the last piece may be shorter than the shortest one.
 */
export function pieceAt(
  offset: number,
  {size, limit}: {size: number; limit: UploadLimit}
): Piece | undefined {
  const rest = size - offset
  const {maxAppendSize = rest, minAppendSize = 0} = limit
  if (rest <= maxAppendSize) return {first: offset, length: rest, isLast: true}
  if (maxAppendSize === 0 || maxAppendSize < minAppendSize) return undefined
  return {first: offset, length: maxAppendSize, isLast: false}
}
