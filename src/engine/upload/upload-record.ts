import {createHmac} from 'node:crypto'
import {resolve} from 'node:path'
import {isHarmlessHeader} from '../exchange/redirect.ts'
import {recordedAddress, recordedRequest} from '../recorded-request.ts'
import {resumeDataVersion} from '../resume-data.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import type {FileSource} from './file-source.ts'
import type {UploadProtocol, UploadWalk} from './upload-protocol.ts'

/** What of an upload changes from one writing to the next. */
export interface Recorded {
  readonly walk: Pick<UploadWalk, 'task' | 'source' | 'parts' | 'expires'>
  readonly protocol: Pick<UploadProtocol, 'interopVersion'> & {
    readonly name: UploadResumeData['protocol']
  }
  readonly state: UploadResumeData['state']
  readonly generation: number
  readonly prefix: UploadResumeData['prefix']
}

/** The resume data of an upload: what a later task has to know, and no secret but the addresses of its resources. */
export function describeUpload({walk, protocol, state, generation, prefix}: Recorded): UploadResumeData {
  const {task, source} = walk
  const {options, session} = task
  return {
    format: 'ferry-resume-data',
    version: resumeDataVersion,
    kind: 'upload',
    generation,
    taskId: task.id,
    label: options.label ?? null,
    session: session.environment.name ?? session.configuration.kind,
    state,
    written: Date.now(),
    originalRequest: {...recordedRequest(task, mayBeStored), method: task.originalRequest.method},
    collection: options.collection ? recordedAddress(options.collection) : null,
    protocol: protocol.name,
    interopVersion: protocol.interopVersion ?? null,
    parts: walk.parts,
    expires: walk.expires === undefined ? null : Math.floor(walk.expires),
    source: describeSource(task, source),
    prefix
  }
}

// What tells of the content is no secret, and the server may store the content with it.
function mayBeStored(name: string): boolean {
  return isHarmlessHeader(name) || /^content-(?:type|language|disposition|encoding)$/i.test(name)
}

function describeSource(task: UploadTask, source: FileSource): UploadResumeData['source'] {
  const {path, size, modified, device, inode} = source
  const lifetime = task.source.kind === 'file' ? (task.source.lifetime ?? 'user') : 'user'
  return {path, size, modified, device, inode, lifetime}
}

/**
 * The name of an upload's resume data, the same for the same command: nobody without the key can tell from it what is
 * sent, or with which secrets.
 */
export function recordName(task: UploadTask, {key, path}: {key: Uint8Array; path: string}): string {
  const {headers, method, url} = task.originalRequest
  const {environment, configuration} = task.session
  const facts = [
    environment.name ?? configuration.kind,
    method,
    url.href,
    task.options.collection?.href ?? '',
    path,
    ...headers.map(([name, value]) => [name.toLowerCase(), value])
  ]
  return `${createHmac('sha256', key).update(JSON.stringify(facts)).digest('hex').slice(0, 32)}.ferry`
}

/** Is it the resume data of what this task sends, where it sends it? */
export function isSameUpload({originalRequest, source}: UploadResumeData, task: UploadTask): boolean {
  if (task.source.kind !== 'file' || resolve(task.source.path) !== source.path) return false
  return (
    originalRequest.method === task.originalRequest.method &&
    originalRequest.url === recordedAddress(task.originalRequest.url)
  )
}
