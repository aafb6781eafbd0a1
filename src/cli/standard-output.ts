import {writeSync} from 'node:fs'
import {TransferError} from '../engine/index.ts'

/** Standard output with a reader that may leave, or be slower than the network. */
export interface StandardOutput {
  /** Resolves when more may be written. After the reader has left: nothing. */
  write(chunk: string | Uint8Array): Promise<void> | undefined
  /** Resolves when all that was written has gone. */
  flushed(): Promise<void>
  /** Is somebody looking, rather than a program? */
  readonly isTerminal: boolean
}

/** Opens standard output. onClosed is told once when its reader has left (EPIPE) or it cannot be written to. */
export function standardOutput(onClosed: (error: TransferError) => void): StandardOutput {
  const {stdout} = process
  let isClosed = false
  const close = (cause: Error & {code?: string}): void => {
    if (isClosed) return
    isClosed = true
    const code = cause.code === 'ENOSPC' ? 'NO_SPACE' : 'WRITE_FAILED'
    const why = cause.code === 'EPIPE' ? 'its reader has closed it' : cause.message
    const hint = 'Let the reader take everything, or write to a file with -o FILE.'
    onClosed(new TransferError(code, `Standard output cannot be written to: ${why}`, {cause, hint}))
  }
  stdout.on('error', close)
  return {
    isTerminal: stdout.isTTY === true,
    write: chunk => {
      if (isClosed) return undefined
      const rest = writeNow(chunk, {isBusy: stdout.writableLength > 0, close})
      return rest && !stdout.write(rest) ? drained() : undefined
    },
    flushed: () =>
      isClosed || stdout.writableLength === 0
        ? Promise.resolve()
        : new Promise(resolve => stdout.write('', () => resolve()))
  }
}

/**
 * Prints what a command was asked for, all of it. Rejects with WRITE_FAILED or NO_SPACE; a reader that has left has seen
 * enough, and that is no failure.
 */
export async function printAnswer(text: string): Promise<void> {
  let failure: TransferError | undefined
  const stdout = standardOutput(error => {
    failure = error
  })
  await stdout.write(text)
  await stdout.flushed()
  if (failure === undefined || hasReaderLeft(failure)) return
  throw new TransferError(failure.code, failure.message, {
    cause: failure,
    hint: 'Make room where it goes, or send it elsewhere.'
  })
}

/** Is the reason that nobody reads any more, rather than that writing fails? */
export function hasReaderLeft({cause}: TransferError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE'
}

// Straight to the descriptor, because the bytes may be gone after the call; only what does not fit is copied.
function writeNow(
  chunk: string | Uint8Array,
  {isBusy, close}: {isBusy: boolean; close: (cause: Error) => void}
): Buffer | undefined {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  if (isBusy || process.platform === 'win32') return Buffer.from(bytes)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'EAGAIN') return Buffer.from(bytes.subarray(written))
    close(error)
  }
  return undefined
}

function drained(): Promise<void> {
  const {stdout} = process
  return new Promise(resolve => {
    const go = (): void => {
      stdout.off('drain', go)
      stdout.off('error', go)
      resolve()
    }
    stdout.on('drain', go)
    stdout.on('error', go)
  })
}

/** A terminal that has gone takes the messages with it; the transfers do not depend on it. */
export function survivesClosedErrorOutput(): void {
  process.stderr.on('error', () => {})
}
