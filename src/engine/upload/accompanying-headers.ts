import {askedRequest} from '../data/decoding.ts'
import {travellingHeaders} from '../exchange/redirect.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField} from '../url-request.ts'

// What tells of the content as a whole, of conditions on the target, or of another upload.
const creationOnly = /^(?:content-.*|repr-digest|want-.*-digest|if-.*|range|upload-.*)$/i

/**
 * Of a task's own headers those that say who asks, for requests about an upload that are not the user's own one; at
 * another origin than the task's own only what is no secret.
 */
export async function accompanyingHeaders(task: UploadTask, url: URL): Promise<readonly HeaderField[]> {
  const {headers, url: own} = askedRequest(task)
  const kept = headers.filter(([name]) => !creationOnly.test(name))
  const {transportSecurity} = task.session.stores
  const home = await transportSecurity.upgrade(own)
  const to = await transportSecurity.upgrade(url)
  return travellingHeaders(kept, {from: home, to, rules: task.keys.redirects})
}
