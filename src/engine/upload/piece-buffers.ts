/** Bytes of a piece where nothing asks for smaller ones: long enough to make the steps between pieces cheap. */
export const longestPiece = 1024 * 1024

// Below the mark at which sockets ask a writer to wait, many pieces may be on their way at once: each has its own memory.
const shortestInRing = 256 * 1024
const ringLength = 4

/**
 * Memory for the pieces of one reading. A ring of four: one is read ahead while one is being written, and the two before
 * them stay as they are, for a layer that still holds on to what it was given.
 */
export class PieceBuffers {
  readonly #longest: number
  readonly #ring: Buffer[] = []
  #turn = 0

  constructor(longest: number) {
    this.#longest = longest
  }

  /** Room for at most so many bytes, at least for one; what it held is of no interest any more. */
  take(wanted: number): Buffer {
    const length = Math.min(wanted, this.#longest)
    if (length < shortestInRing) return Buffer.allocUnsafeSlow(length)
    const turn = this.#turn++ % ringLength
    let buffer = this.#ring[turn]
    if (buffer === undefined || buffer.length < length) {
      buffer = Buffer.allocUnsafeSlow(length)
      this.#ring[turn] = buffer
    }
    return buffer.subarray(0, length)
  }
}
