import {follow} from '../exchange/follow.ts'
import {parseUploadLimit} from '../fields/upload-limit.ts'
import type {UploadSupport} from '../storage/upload-support-store.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import {dialectOf, versionField} from './resumable-upload-dialect.ts'
import {accompanyingHeaders} from './accompanying-headers.ts'
import {ShortWatch} from './short-watch.ts'
import {tusOffer} from './tus-offer.ts'
import {tusVersion} from './tus-request.ts'

// Milliseconds for one answer: many servers have never heard of OPTIONS, and an upload must not wait for them.
const patience = 3000

// These speak of whoever asks, or of this moment, and not of what the server supports.
const silent = new Set([401, 407, 408, 421, 425, 429])

/**
 * Asks by OPTIONS, with the task's credentials, what an address supports. Undefined: there was no answer that says
 * anything, in time.
 */
export async function askUploadSupport(task: UploadTask, url: URL): Promise<UploadSupport | undefined> {
  const dialect = dialectOf(task.keys.uploads.interopVersion)
  const headers = [...(await accompanyingHeaders(task, url)), versionField(dialect)]
  const watch = new ShortWatch(patience)
  try {
    const answer = await follow(task, {url, method: 'OPTIONS', headers}, {watch: watch.begin})
    await watch.discard(answer)
    return supportIn(task, answer.response)
  } catch (error) {
    // What is really wrong, the upload itself will find, and try again.
    if (!(error instanceof TransferError)) throw error
    return undefined
  } finally {
    // It is not the answer to the upload.
    task.response = undefined
  }
}

/** What the answer to OPTIONS says. */
function supportIn(task: UploadTask, response: URLResponse): UploadSupport | undefined {
  const {status, headers} = response
  const offer = tusOffer(response)
  if (offer && speaksOurs(response) && offer.extensions.has('creation')) return {protocol: 'tus', offer}
  const {ageKeys} = dialectOf(task.keys.uploads.interopVersion)
  const limit = parseUploadLimit(headerValue(headers, 'upload-limit') ?? '', ageKeys)
  if (limit && headerValue(headers, 'upload-limit') !== undefined && status < 300) {
    const {maxAge: _ofUploads, ...sizes} = limit
    return {protocol: 'ietf', limit: sizes}
  }
  return status >= 500 || silent.has(status) ? undefined : {protocol: 'unknown'}
}

function speaksOurs({headers}: URLResponse): boolean {
  const versions = headerValue(headers, 'tus-version') ?? headerValue(headers, 'tus-resumable') ?? ''
  return versions.split(',').some(version => version.trim() === tusVersion)
}
