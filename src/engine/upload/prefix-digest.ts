import {createHash} from 'node:crypto'
import type {Hash} from 'node:crypto'
import {filePieces} from './file-pieces.ts'
import type {FileIdentity} from './file-identity.ts'
import {TransferError} from '../transfer-error.ts'
import {longestPiece, PieceBuffers} from './piece-buffers.ts'

/** SHA-256 of the beginning of a file. What was hashed for a shorter beginning is not read again. */
export class PrefixDigest {
  readonly #identity: FileIdentity
  #hash: Hash | undefined
  #length = 0
  #turn: Promise<unknown> = Promise.resolve()
  #closing: (() => void) | undefined

  constructor(identity: FileIdentity) {
    this.#identity = identity
  }

  /** In hexadecimal. Reads in short steps; those who ask at once are answered one after the other. */
  of(length: number): Promise<string> {
    const answer = this.#turn.then(() => this.#advance(length))
    this.#turn = answer.catch(() => {})
    return answer
  }

  close(): void {
    this.#closing?.()
  }

  async #advance(length: number): Promise<string> {
    if (this.#hash === undefined || length < this.#length) {
      this.#hash = createHash('sha256')
      this.#length = 0
    }
    const extent = {first: this.#length, end: length}
    const pieces = filePieces(this.#identity, {extent, buffers: new PieceBuffers(longestPiece)})
    this.#closing = () => pieces.close()
    for await (const piece of pieces) {
      this.#hash.update(piece)
      this.#length += piece.length
    }
    if (this.#length < length) throw new TransferError('CANCELLED', 'The file was closed while it was hashed')
    return this.#hash.copy().digest('hex')
  }
}
