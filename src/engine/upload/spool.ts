import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {readFailure} from '../files/read-failure.ts'
import {onDisk} from '../files/write-failure.ts'
import {PartialFile} from '../files/partial-file.ts'
import {makeFolder} from '../storage/make-folder.ts'
import {syncFolder} from '../storage/sync-folder.ts'
import {TransferError} from '../transfer-error.ts'

export interface SpoolOptions {
  /** Is made where it is missing. */
  readonly folder: string
  readonly signal?: AbortSignal
  /** Is told where the copy will be, before there is anything; see claimSpool(). */
  readonly claim?: (path: string) => Promise<void>
}

/**
 * Copies a stream into a new file that only this user can read, in a folder that is made where it is missing. Resolves to
 * its path when it is flushed. Rejects with READ_FAILED, WRITE_FAILED, NO_SPACE or, when the signal says so, CANCELLED, and
 * then leaves no file behind.
 */
export async function spool(
  stream: AsyncIterable<Uint8Array>,
  {folder, signal, claim}: SpoolOptions
): Promise<string> {
  const name = join(folder, `spool-${randomBytes(16).toString('hex')}`)
  await claim?.(name)
  const file = await onDisk(name, () => {
    makeFolder(folder, 0o700)
    return PartialFile.create(name)
  })
  try {
    await copy(stream, {file, signal})
    // Whoever is promised that this is sent one day will find it whole after a power cut.
    await file.flush('everything')
    await onDisk(file.path, () => syncFolder(folder))
    await onDisk(file.path, () => file.close())
    return file.path
  } catch (error) {
    file.remove()
    throw error
  }
}

async function copy(
  stream: AsyncIterable<Uint8Array>,
  {file, signal}: {file: PartialFile; signal: AbortSignal | undefined}
): Promise<void> {
  const pieces = stream[Symbol.asyncIterator]()
  let refuse = (_error: TransferError): void => {}
  const stop = (): void => refuse(stopped())
  signal?.addEventListener('abort', stop)
  try {
    for (;;) {
      if (signal?.aborted) throw stopped()
      const piece = await new Promise<Uint8Array | undefined>((resolve, reject) => {
        refuse = reject
        nextOf(pieces).then(resolve, reject)
      })
      if (piece === undefined) return
      file.write(piece)
    }
  } catch (error) {
    // A stream that gives nothing takes its end as late as its next piece.
    pieces.return?.().catch(() => {})
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

async function nextOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    const {done, value} = await pieces.next()
    return done ? undefined : value
  } catch (error) {
    throw readFailure(error, 'the stream')
  }
}

function stopped(): TransferError {
  return new TransferError('CANCELLED', 'Keeping a copy of the stream was stopped')
}
