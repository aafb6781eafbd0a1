import {resolve} from 'node:path'
import {TargetLock} from '../files/target-lock.ts'
import {readUploadResumeData} from '../resume-data.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadOptions, UploadOrigin} from '../upload-task.ts'
import {examine} from './file-identity.ts'
import {assertSameFacts, noFile} from './same-source.ts'
import {urlRequest} from '../url-request.ts'
import type {URLRequest} from '../url-request.ts'

export interface ResumeUploadOptions {
  /** Headers to send beside the stored ones: resume data holds no secrets. */
  readonly headers?: URLRequest['headers']
  /** restart: send from zero where it cannot be continued. Default: refuse. */
  readonly whenLost?: 'refuse' | 'restart'
  /** What to change of the stored options. */
  readonly options?: Partial<UploadOptions>
}

/**
 * Checks resume data of an upload without changing anything, or asking anybody. Only data that this user signed: what
 * names a file to send must not come from a stranger (P11).
 */
export async function claimUploadResumeData(
  file: string,
  options: ResumeUploadOptions & {key: Uint8Array | undefined}
): Promise<Omit<UploadOrigin, 'id'>> {
  const path = resolve(file)
  const data = await readUploadResumeData(path, options.key)
  TargetLock.assertFree(path)
  const found = await examine(data.source.path)
  const mayBegin = options.whenLost === 'restart' || data.parts.length === 0
  if (found.kind === 'stream') throw noFile(found.path)
  if (!mayBegin) assertSameFacts(found.identity, data)
  return {
    request: requestOf(data, options.headers),
    source: {kind: 'file', path: data.source.path, lifetime: data.source.lifetime},
    continues: data,
    options: {
      resumeDataPath: path,
      restarting: mayBegin ? 'allow' : 'refuse',
      ...(data.label === null ? {} : {label: data.label}),
      ...(data.collection === null ? {} : {collection: new URL(data.collection)}),
      ...options.options
    }
  }
}

/** What resume data asks for, with headers beside the stored ones. */
export function requestOf(
  {originalRequest: {headers: stored, method, url}}: UploadResumeData,
  headers: URLRequest['headers'] = []
): URLRequest {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const kept = stored.filter(([name]) => !given.has(name.toLowerCase()))
  return urlRequest(url, {method, headers: [...kept, ...headers]})
}
