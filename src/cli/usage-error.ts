import {TransferError} from '../engine/index.ts'

/** Wrong words on the command line (exit 2). Never put a value that may be secret into the message. */
export function usageError(message: string, hint?: string): TransferError {
  return new TransferError('USAGE', message, hint === undefined ? {} : {hint})
}
