import type {BodyReading} from '../request-body.ts'
import {longestPiece} from './piece-buffers.ts'

/** Bytes that are in memory, as pieces: views of them, nothing is copied. */
export function dataPieces(data: Uint8Array, pieceLength = longestPiece): BodyReading {
  const pieces = piecesOf(data, pieceLength)
  return {
    [Symbol.asyncIterator]: () => pieces,
    close: () => void pieces.return(undefined)
  }
}

async function* piecesOf(data: Uint8Array, pieceLength: number): AsyncGenerator<Uint8Array, undefined> {
  for (let position = 0; position < data.length; position += pieceLength)
    yield data.subarray(position, position + pieceLength)
}
