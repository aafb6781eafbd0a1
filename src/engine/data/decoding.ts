import {codingsOf} from '../exchange/content-codings.ts'
import {acceptedCodings} from '../exchange/decoding-sink.ts'
import type {DataTask} from '../data-task.ts'
import type {UploadTask} from '../upload-task.ts'
import {hasHeader} from '../url-request.ts'
import type {URLRequest, URLResponse} from '../url-request.ts'

// Files that are compressed by themselves: servers are known to name that a coding, and who asks for x.tar.gz wants it.
const packed = /\.(?:gz|tgz|svgz|br|zst|tzst|zip|jar|xz|txz|bz2|tbz2?|7z|rar)$/i

/** Does the task take encoded content and hand it over decoded? A piece of encoded content could not be decoded. */
function takesEncoded({options, originalRequest}: DataTask | UploadTask): boolean {
  if (options.decode !== undefined) return options.decode
  const {method, url, headers} = originalRequest
  const isOwnAffair = headers.some(([name]) => /^(?:accept-encoding|range)$/i.test(name))
  return method !== 'HEAD' && !isOwnAffair && !packed.test(url.pathname)
}

/** The request of a task whose delegate gets the content, with the codings it takes. */
export function askedRequest(task: DataTask | UploadTask): URLRequest {
  const {originalRequest} = task
  const isGiven = hasHeader(originalRequest.headers, 'accept-encoding')
  if (isGiven || !takesEncoded(task)) return originalRequest
  return {...originalRequest, headers: [...originalRequest.headers, ['Accept-Encoding', acceptedCodings]]}
}

/** The codings to undo before the content is handed over. */
export function codingsToUndo(task: DataTask | UploadTask, response: URLResponse): readonly string[] {
  return takesEncoded(task) ? codingsOf(response) : []
}
