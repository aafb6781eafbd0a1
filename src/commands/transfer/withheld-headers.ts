import type {Task} from '../../engine/index.ts'

/**
 * What to tell a person whose request was refused after a redirection had led to another origin: the headers that
 * stayed behind are the likely reason. undefined = none did.
 */
export function explainWithheldHeaders(task: Task): string | undefined {
  const {originalRequest, currentRequest} = task
  const sent = new Set(currentRequest.headers.map(([name]) => name.toLowerCase()))
  const withheld = originalRequest.headers
    .filter(([name, value]) => value !== '' && !sent.has(name.toLowerCase()))
    .map(([name]) => name)
  const isSignedIn = task.options.authentication?.credential !== undefined && !task.keys.redirects.trusted
  if (isSignedIn && !withheld.some(name => name.toLowerCase() === 'authorization'))
    withheld.push('Authorization')
  if (withheld.length === 0 || currentRequest.url.origin === originalRequest.url.origin) return undefined
  const names = withheld.join(' and ')
  return `${names} was not sent to ${currentRequest.url.host}, because the redirection leads to another origin; --location-trusted sends it there too.`
}
