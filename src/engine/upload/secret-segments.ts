import type {Exchange} from '../exchange/exchange.ts'
import type {Sending} from '../exchange/send.ts'
import type {UploadTask} from '../upload-task.ts'

// What is shorter can be guessed, or is a word.
const shortest = 16
const origin = /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i

/**
 * What makes the addresses of upload resources known to nobody else: whoever has one may write to it. The parts of their
 * paths and queries that nobody could guess, and that are not in the address that the user gave.
 */
export function secretSegments(addresses: readonly string[], given: URL): readonly string[] {
  const known = new Set(segmentsOf(given.href))
  return addresses.flatMap(segmentsOf).filter(segment => segment.length >= shortest && !known.has(segment))
}

function segmentsOf(address: string): readonly string[] {
  return address.replace(origin, '').split(/[/?&=;#]/)
}

/**
 * For requests to an upload resource: its address is a secret, and where it redirects to is the same upload at another
 * address, a secret as well.
 */
export function keepingRedirectionsSecret(task: UploadTask, sending: Sending = {}): Sending {
  const watch = (exchange: Exchange): void => {
    sending.watch?.(exchange)
    task.noteSecrets(secretSegments([exchange.request.url.href], task.originalRequest.url))
    keepRedirectionSecret(task, exchange)
  }
  return {...sending, watch}
}

// Before anybody sees the answer: whoever waits for it first is told first.
function keepRedirectionSecret(task: UploadTask, {head}: Exchange): void {
  const keep = ({headers, url: asked}: Awaited<Exchange['head']>): void => {
    for (const [name, value] of headers) {
      if (name !== 'location') continue
      // As it stands there, and as it is asked for.
      const addresses = [value, URL.parse(value, asked.href)?.href ?? '']
      task.noteSecrets(secretSegments(addresses, task.originalRequest.url))
    }
  }
  head.then(keep, () => {})
}
