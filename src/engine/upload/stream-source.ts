import {decisionOf} from '../exchange/decision.ts'
import {readFailure} from '../files/read-failure.ts'
import type {BodyReading, NewBodyReason} from '../request-body.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {cannotReadAgain} from './cannot-read-again.ts'
import type {Readings} from './readings.ts'

/**
 * The streams that the delegate of a task gives, a new one for each reading (R36, R43). With a length, a stream of another
 * length fails with READ_FAILED before a body that looks whole is given away.
 */
export function streamReadings(task: UploadTask, length: number | undefined): Readings {
  const seen = new WeakSet<object>()
  let ready: AsyncIterable<Uint8Array> | undefined
  let isOpened = false
  const ask = async (reason: NewBodyReason): Promise<AsyncIterable<Uint8Array>> => {
    const {delegate} = task.session
    const stream = await decisionOf(task, delegate.needNewBodyStream?.(task, reason))
    if (stream === undefined || isUsed(stream, seen)) throw missing(reason)
    seen.add(stream)
    return stream
  }
  return {
    read: reason => {
      const open = async (): Promise<AsyncIterable<Uint8Array>> => {
        isOpened = true
        const stream = ready ?? (await ask(reason))
        ready = undefined
        return stream
      }
      return streamPieces(open, length)
    },
    prepare: async reason => {
      // What nobody has asked for yet is there still.
      if (isOpened) ready ??= await ask(reason)
    }
  }
}

/** What a stream gives, from when it is first asked; a stream that can be destroyed is, once nobody wants it any more. */
export function streamPieces(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  length: number | undefined
): BodyReading {
  let stream: AsyncIterable<Uint8Array> | undefined
  let isClosed = false
  const pieces = measured(async () => {
    stream = await open()
    if (isClosed) destroy(stream)
    return stream
  }, length)
  return {
    [Symbol.asyncIterator]: () => pieces,
    close: () => {
      isClosed = true
      if (stream) destroy(stream)
      pieces.return(undefined).catch(() => {})
    }
  }
}

async function* measured(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  length = Infinity
): AsyncGenerator<Uint8Array, undefined> {
  let seen = 0
  // What completes the announced length waits until it is clear that nothing follows it.
  let last: Uint8Array | undefined
  try {
    for await (const piece of await open()) {
      if (piece.length === 0) continue
      seen += piece.length
      if (seen > length) throw wrongLength(`more than the ${length} bytes announced: at least ${seen}`)
      if (seen === length) last = Uint8Array.from(piece)
      else yield piece
    }
  } catch (error) {
    throw readFailure(error, 'the stream')
  }
  if (length !== Infinity && seen < length)
    throw wrongLength(`${seen} bytes instead of the ${length} announced`)
  if (last) yield last
}

function wrongLength(what: string): TransferError {
  return new TransferError('READ_FAILED', `The stream gave ${what}`, {
    hint: 'Announce the length that it has, or none.'
  })
}

function missing(reason: NewBodyReason): TransferError {
  if (reason !== 'initial') return cannotReadAgain('the stream', reason)
  return new TransferError('READ_FAILED', 'There is no stream to send', {
    hint: 'Give the session a delegate that answers needNewBodyStream with one.'
  })
}

/** A stream that was read stays empty: sent again it would look like a body without content. */
function isUsed(stream: AsyncIterable<Uint8Array>, seen: WeakSet<object>): boolean {
  return seen.has(stream) && ('next' in stream || 'destroy' in stream)
}

function destroy(stream: AsyncIterable<Uint8Array>): void {
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy()
}
