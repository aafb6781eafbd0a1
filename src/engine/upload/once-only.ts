import {isPassingStatus, isRepeatable} from '../exchange/retry-policy.ts'
import type {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {withHint} from './with-hint.ts'

/**
 * A failure that another attempt might heal, but none is made (RFC 9110, 9.2.2): says why, as whoever reads of --retry
 * elsewhere would add it in vain. Every other failure stays as it is.
 */
export function onceOnly(
  {originalRequest: {method}, keys: {retry}}: UploadTask,
  error: TransferError
): TransferError {
  const {code, status = 0, hint} = error
  // 429 has its own advice: to ask more slowly.
  const isPassing = code === 'HTTP_STATUS' && status !== 429 && isPassingStatus(status)
  if (!isPassing || retry.allErrors || isRepeatable(method) || hint !== undefined) return error
  return withHint(
    error,
    `${method} is not sent again by itself, as it could be done twice: run the command again, or add --retry-all-errors.`
  )
}
