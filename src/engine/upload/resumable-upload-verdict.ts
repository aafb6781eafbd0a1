import type {Dialect, UploadState} from './resumable-upload-dialect.ts'
import type {Piece} from './resumable-upload-piece.ts'

/** The answer to a request with content, and what the request was. */
export interface Judged {
  readonly status: number
  readonly state: UploadState
  readonly sent: Piece
  readonly request: 'creation' | 'append'
  readonly dialect: Dialect
}

/** What it means. */
export type Verdict =
  /** The target's own answer, whatever its status: nothing can be resumed after it (U6). */
  | {readonly kind: 'final'}
  /** Everything was sent, and the server is content; or it knows nothing of all this. */
  | {readonly kind: 'answered'}
  | {readonly kind: 'advanced'; readonly offset: number}
  | {readonly kind: 'gone'}
  | {readonly kind: 'tooLarge'}
  | {readonly kind: 'refused'}
  | {readonly kind: 'contradictory'}

/** Judges it. */
export function judge({status, state, sent, request, dialect}: Judged): Verdict {
  const isSuccess = status >= 200 && status < 300
  const isComplete = isSuccess ? completenessOf(state, {sent, dialect}) : state.isComplete
  if (isSuccess) return judgeSuccess({...state, isComplete}, {sent, dialect})
  if (isComplete === true) return {kind: 'final'}
  if (status === 413) return {kind: 'tooLarge'}
  if (request === 'append' && (status === 404 || status === 410)) return {kind: 'gone'}
  return {kind: 'refused'}
}

type Asked = Pick<Judged, 'sent' | 'dialect'>

// Up to version 5 the texts let a server call complete the piece that it has taken.
function completenessOf({isComplete, offset}: UploadState, {sent, dialect}: Asked): boolean | undefined {
  const meansPiece = dialect.offsetInSuccess === 'end' && !sent.isLast && offset === sent.first + sent.length
  return meansPiece ? false : isComplete
}

function judgeSuccess({isComplete, offset}: UploadState, {sent, dialect}: Asked): Verdict {
  const end = sent.first + sent.length
  const isOther = (offset ?? end) !== end
  if (isOther && (dialect.offsetInSuccess === 'end' || (offset ?? end) > end)) return {kind: 'contradictory'}
  // Nobody has the whole of what was sent in part only.
  if (isComplete === true) return {kind: sent.isLast && !isOther ? 'final' : 'contradictory'}
  const lacks = isComplete === false || (offset ?? end) < end
  return sent.isLast && !lacks ? {kind: 'answered'} : {kind: 'advanced', offset: offset ?? end}
}
