import {setTimeout as sleep} from 'node:timers/promises'
import {parseRetryAfter} from '../fields/retry-after.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {Answer} from './follow.ts'

const shownBytes = 2048
// Nobody waits long for the text of a refusal.
const patience = 2000

/** An answer of 400 and above as an error, with the beginning of what the server says about it. */
export async function httpFailure({exchange, response}: Answer): Promise<TransferError> {
  const pieces: Buffer[] = []
  let size = 0
  const reading = exchange
    .receive({
      write: view => {
        pieces.push(Buffer.from(view.subarray(0, shownBytes - size)))
        size += view.length
        if (size >= shownBytes) exchange.abort()
      }
    })
    .catch(() => {})
  await Promise.race([reading, sleep(patience, undefined, {ref: false})])
  exchange.abort()
  const {status} = response
  const retryAfter = parseRetryAfter(headerValue(response.headers, 'retry-after') ?? '', {
    now: Date.now(),
    date: headerValue(response.headers, 'date')
  })
  const method = exchange.request.method
  return new TransferError('HTTP_STATUS', `The server answered ${status} ${response.statusText}`.trim(), {
    url: response.url,
    method,
    status,
    ...(retryAfter === undefined ? {} : {retryAfter}),
    body: Buffer.concat(pieces).toString('utf8')
  })
}
