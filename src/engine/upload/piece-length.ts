import type {UploadTask} from '../upload-task.ts'
import {longestPiece} from './piece-buffers.ts'

const shortestPiece = 1024

/** Bytes of a piece: at a limited rate so few that some pieces go every second, and progress does not come in leaps. */
export function pieceLength(task: UploadTask): number {
  const {rate} = task.session.configuration.keys.limits
  if (rate === undefined) return longestPiece
  return Math.min(longestPiece, Math.max(shortestPiece, Math.floor(rate / 8)))
}
