import {readFailure} from '../files/read-failure.ts'
import type {BodyReading, RequestBody} from '../request-body.ts'
import type {UploadTask} from '../upload-task.ts'
import {assertSameUnderName, examine} from './file-identity.ts'
import type {FileIdentity} from './file-identity.ts'
import {filePieces} from './file-pieces.ts'
import {PieceBuffers} from './piece-buffers.ts'
import {pieceLength} from './piece-length.ts'
import {PrefixDigest} from './prefix-digest.ts'
import {sourceBody} from './source-body.ts'

/** A stretch of the source; without length: up to its end. */
export interface Stretch {
  readonly first: number
  readonly length?: number
  /** Is told how many bytes of this reading a connection took, instead of the task: for parts that go side by side. */
  readonly sent?: (bytes: number) => void
}

/** The file that an upload sends, as it was when the upload began. */
export interface FileSource {
  readonly path: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly device: number
  readonly inode: number
  /**
   * A stretch as the body of a request. Its readings count task.countOfBytesSent from the stretch's first byte on, keep
   * to the session's rate, and fail with SOURCE_CHANGED before the last byte of a file that is not what it was.
   */
  body(stretch: Stretch): RequestBody
  /** SHA-256 of the first so many bytes, in hexadecimal. Rejects with READ_FAILED or SOURCE_CHANGED. */
  prefixDigest(length: number): Promise<string>
  /** Throws SOURCE_CHANGED where the file is not what it was. */
  assertUnchanged(): Promise<void>
  close(): void
}

/** Looks at the file. Rejects with READ_FAILED: missing, a folder, not for us. */
export type OpenFileSource = (task: UploadTask, path: string) => Promise<FileSource>

export const openFileSource: OpenFileSource = async (task, path) => {
  const found = await examine(path)
  if (found.kind === 'stream')
    throw readFailure(new Error('it is a pipe or a device, which can be read once only'), found.path)
  return fileSource(task, found.identity)
}

/** A file that was looked at, as the source of a task. */
export function fileSource(task: UploadTask, identity: FileIdentity): FileSource {
  const digest = new PrefixDigest(identity)
  const read = (first: number, end: number): BodyReading =>
    filePieces(identity, {extent: {first, end}, buffers: new PieceBuffers(pieceLength(task))})
  return {
    ...identity,
    body: ({first, length = identity.size - first, sent}) =>
      sourceBody(task, {length, first, sent, announced: 'again', read: () => read(first, first + length)}),
    prefixDigest: length => digest.of(length),
    assertUnchanged: () => assertSameUnderName(identity),
    close: () => digest.close()
  }
}
