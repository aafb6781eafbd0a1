import {TransferError} from '../transfer-error.ts'
import type {Exchange} from './exchange.ts'

/**
 * Why an answer is refused that is to have an announced end and has none: whether it is whole, nobody could tell. Another
 * attempt would meet the same. Undefined where it may be taken.
 */
export function missingLength(
  {requireLength = false}: {readonly requireLength?: boolean},
  {framing}: Pick<Exchange, 'framing'>
): TransferError | undefined {
  if (!requireLength || framing !== 'close') return undefined
  return new TransferError(
    'TRANSFER_TRUNCATED',
    'The server does not announce the length, which --require-length asks for',
    {hint: 'Leave --require-length out to take it without that proof.'}
  )
}
