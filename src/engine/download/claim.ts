import {existsSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import type {DownloadOptions, IfExists} from '../download-task.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import {resumeDataName} from '../files/beside.ts'
import {TargetLock} from '../files/target-lock.ts'
import {readDownloadResumeData} from '../resume-data.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'
import type {ReadResumeData} from '../resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import {urlRequest} from '../url-request.ts'
import type {URLRequest} from '../url-request.ts'

export interface ResumeOptions {
  /** Continue from another address with the same content (an expired link renewed). */
  readonly url?: URL
  /** Headers to send beside the stored ones: resume data holds no secrets. */
  readonly headers?: URLRequest['headers']
  /** Accept resume data that this user's key did not sign. Default: refuse. */
  readonly trust?: 'own' | 'foreign'
  /** Start from zero where it cannot be continued. Default: refuse. */
  readonly whenLost?: 'refuse' | 'restart'
  /** What to change of the stored destination and checks. */
  readonly options?: Partial<DownloadOptions>
}

/** What a task needs that continues resume data. */
export interface Claim {
  readonly request: URLRequest
  readonly options: DownloadOptions
  readonly continues: DownloadResumeData
}

/** Checks resume data without changing anything; the task itself claims it when it starts. */
export async function claimResumeData(
  file: string,
  options: ResumeOptions & {key: Uint8Array | undefined}
): Promise<Claim> {
  const path = resolve(file)
  const read = await readDownloadResumeData(path, options.key)
  assertTrusted(path, read, options)
  const {data} = read
  const directory = read.origin === 'own' ? (data.destination.directory ?? dirname(path)) : dirname(path)
  const target = join(directory, data.destination.name)
  TargetLock.assertFree(target)
  if (options.whenLost !== 'restart') assertContinuable(path, {data, directory})
  return {
    request: requestFor(data, options),
    continues: data,
    options: {
      directory,
      fileName: data.destination.name,
      ifExists: data.destination.ifExists as IfExists,
      remoteTime: data.destination.remoteTime,
      requireLength: data.destination.requireLength,
      checksums: data.destination.checksums as NonNullable<DownloadOptions['checksums']>,
      ...(data.label === null ? {} : {label: data.label}),
      ...(join(directory, resumeDataName(data.destination.name)) === path ? {} : {resumeDataPath: path}),
      // Whoever made this chose the address: the session's secrets are not for it.
      ...(read.origin === 'own' ? {} : {credentials: 'given'}),
      ...options.options
    }
  }
}

function assertTrusted(
  path: string,
  {data, origin}: ReadResumeData<DownloadResumeData>,
  {trust}: ResumeOptions
): void {
  if (origin === 'own' || trust === 'foreign') return
  throw new TransferError(
    'RESUME_DATA_INVALID',
    `The resume data ${basename(path)} was not made by this user here; it would fetch ${data.originalRequest.url}`,
    {hint: 'If you know where it comes from, continue with --trust-resume-data.'}
  )
}

function assertContinuable(
  path: string,
  {data, directory}: {data: DownloadResumeData; directory: string}
): void {
  const lost = (why: string) =>
    new TransferError('NOT_RESUMABLE', `${basename(path)} cannot be continued: ${why}`, {
      url: data.originalRequest.url,
      hint: 'Start again from zero with --restart.'
    })
  // Nothing was asked for yet, so there is nothing to lose.
  if (data.response.status === 0 && data.bytesReceived === 0) return
  // In the middle of a commit the partial file may already be the finished one.
  if (data.state !== 'committing' && !existsSync(join(directory, data.partial.name))) {
    throw lost(`the partial file ${data.partial.name} is missing`)
  }
  const validators = {
    entityTag: data.response.entityTag ?? undefined,
    lastModified: data.response.lastModified ?? undefined,
    date: data.response.date ?? undefined
  }
  if (!hasStrongValidator(validators)) throw lost('the server gave nothing to recognise the same version by')
}

function requestFor(data: DownloadResumeData, {url, headers = []}: ResumeOptions): URLRequest {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const stored = data.originalRequest.headers.filter(([name]) => !given.has(name.toLowerCase()))
  return urlRequest(url ?? data.originalRequest.url, {headers: [...stored, ...headers]})
}
