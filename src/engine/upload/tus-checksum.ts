import {createHash} from 'node:crypto'
import {formatUploadChecksum} from '../fields/upload-checksum.ts'
import type {TusOffer} from '../storage/upload-support-store.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField} from '../url-request.ts'
import {filePieces} from './file-pieces.ts'
import type {Extent} from './file-pieces.ts'
import type {FileSource} from './file-source.ts'
import {PieceBuffers, longestPiece} from './piece-buffers.ts'

/** Bytes of one request where the server checks each: what a damaged one costs. */
export const checkedLength = 32 * 1024 * 1024

const known = ['sha256', 'sha1'] as const

/** How pieces can be checked, if they can. */
export function checksumAlgorithm({extensions, checksumAlgorithms}: TusOffer): string | undefined {
  if (!extensions.has('checksum')) return undefined
  return known.find(name => checksumAlgorithms.includes(name))
}

/** Checksum of a stretch of the file, for the head of the request that carries it. */
export async function checksumField(
  task: UploadTask,
  source: FileSource,
  {extent, algorithm}: {extent: Extent; algorithm: string}
): Promise<HeaderField> {
  const hash = createHash(algorithm)
  const pieces = filePieces(source, {extent, buffers: new PieceBuffers(longestPiece)})
  try {
    for await (const piece of pieces) {
      if (task.isStopped) throw new TransferError('CANCELLED', 'The transfer was stopped')
      hash.update(piece)
    }
  } finally {
    pieces.close()
  }
  return ['Upload-Checksum', formatUploadChecksum({algorithm, base64: hash.digest('base64')})]
}
