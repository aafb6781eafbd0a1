import {TransferError} from '../transfer-error.ts'

/** The same failure, with another hint and perhaps another sentence. */
export function withHint(error: TransferError, hint: string, message: string = error.message): TransferError {
  const {code, url, method, status, retryAfter, body} = error
  return new TransferError(code, message, {
    ...(url === undefined ? {} : {url}),
    ...(method === undefined ? {} : {method}),
    ...(status === undefined ? {} : {status}),
    ...(retryAfter === undefined ? {} : {retryAfter}),
    ...(body === undefined ? {} : {body}),
    hint,
    cause: error
  })
}
