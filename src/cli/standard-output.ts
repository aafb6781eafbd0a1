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
    onClosed(new TransferError(code, `Standard output cannot be written to: ${why}`, {cause}))
  }
  stdout.on('error', close)
  return {
    isTerminal: stdout.isTTY === true,
    write: chunk => {
      if (isClosed || stdout.write(chunk)) return undefined
      return new Promise(resolve => {
        const go = (): void => {
          stdout.off('drain', go)
          stdout.off('error', go)
          resolve()
        }
        stdout.on('drain', go)
        stdout.on('error', go)
      })
    },
    flushed: () =>
      isClosed || stdout.writableLength === 0
        ? Promise.resolve()
        : new Promise(resolve => stdout.write('', () => resolve()))
  }
}

/** A terminal that has gone takes the messages with it; the transfers do not depend on it. */
export function survivesClosedErrorOutput(): void {
  process.stderr.on('error', () => {})
}
