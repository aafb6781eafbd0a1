import {closeSync, fstatSync, read} from 'node:fs'
import {readFailure} from '../files/read-failure.ts'
import type {BodyReading} from '../request-body.ts'
import {assertSame, openSame, sourceChanged} from './file-identity.ts'
import type {FileIdentity} from './file-identity.ts'
import type {PieceBuffers} from './piece-buffers.ts'

/** From which byte on, and before which one it ends. */
export interface Extent {
  readonly first: number
  readonly end: number
}

/**
 * Reads a stretch of a file that must not change. Its last piece is given away only when the file still is what it was:
 * nobody gets a whole-looking body of two versions. The next piece is read while the one before is being written.
 */
export function filePieces(
  identity: FileIdentity,
  {extent, buffers}: {extent: Extent; buffers: PieceBuffers}
): BodyReading {
  const pieces = piecesOf(identity, extent, buffers)
  return {
    [Symbol.asyncIterator]: () => pieces,
    close: () => void pieces.return(undefined).catch(() => {})
  }
}

async function* piecesOf(
  identity: FileIdentity,
  {first, end}: Extent,
  buffers: PieceBuffers
): AsyncGenerator<Uint8Array, undefined> {
  const file = await openSame(identity)
  const readAt = (from: number): Promise<Buffer> =>
    fill(buffers.take(end - from), {file, position: from, path: identity.path})
  let position = first
  let next = position < end ? readAt(position) : undefined
  try {
    while (next !== undefined) {
      const piece = await next
      position += piece.length
      next = position < end ? readAt(position) : undefined
      assertSame(identity, fstatSync(file))
      yield piece
    }
  } catch (error) {
    throw readFailure(error, identity.path)
  } finally {
    // The number of a file that is closed too early may soon be another file's.
    await next?.catch(() => {})
    closeSync(file)
  }
}

function fill(buffer: Buffer, place: {file: number; position: number; path: string}): Promise<Buffer> {
  const filled = new Promise<Buffer>((resolve, reject) => {
    let done = 0
    const step = (): void =>
      read(place.file, buffer, done, buffer.length - done, place.position + done, (error, count) => {
        done += count
        if (error) reject(readFailure(error, place.path))
        else if (done === buffer.length) resolve(buffer)
        else if (count > 0) step()
        else reject(sourceChanged(place.path, `it ends at ${place.position + done} bytes now`))
      })
    step()
  })
  // Whoever waits for the piece hears of it; it may be read ahead for nobody.
  filled.catch(() => {})
  return filled
}
