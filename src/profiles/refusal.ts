import {TransferError} from '../engine/index.ts'

/** A session that cannot be as somebody wants it (exit 2). Values, which may be secrets, are never repeated. */
export function refusal(message: string, hint: string = everyKey): TransferError {
  return new TransferError('CONFIGURATION_REFUSED', message, {hint})
}

const everyKey = 'See every key with its default: ferry sessions show shared --json'
