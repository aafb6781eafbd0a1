import {isHarmlessHeader} from './exchange/redirect.ts'
import type {ResumeData} from './resume-data.ts'
import {hasShortParts} from './resume-data-limits.ts'
import type {Task} from './task.ts'

/** What resume data says of the request that a task began with: no secret, but what the names of those were. */
export function recordedRequest(
  {originalRequest: {headers, url}, options}: Task,
  mayBeStored: (name: string) => boolean = isHarmlessHeader
): Pick<ResumeData['originalRequest'], 'url' | 'headers' | 'omittedHeaders'> {
  const isSignedIn = options.authentication?.credential !== undefined || url.username !== ''
  const secret = headers.map(([name]) => name).filter(name => !mayBeStored(name))
  return {
    url: recordedAddress(url),
    headers: headers.filter(([name]) => mayBeStored(name)),
    omittedHeaders: isSignedIn ? [...secret, 'Authorization'] : secret
  }
}

/** Could resume data of the task be read again, as far as its own request is concerned? */
export function isRecordable(task: Task): boolean {
  return hasShortParts(recordedRequest(task))
}

/** An address as resume data keeps it: without userinfo and fragment. */
export function recordedAddress(url: URL): string {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  bare.hash = ''
  return bare.href
}
