import {basename} from 'node:path'
import type {Answer} from '../exchange/follow.ts'
import {formatUploadLength} from '../fields/upload-length.ts'
import {formatUploadMetadata} from '../fields/upload-metadata.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'
import type {FileSource} from './file-source.ts'
import {uploadResource} from './resumable-upload-location.ts'
import type {TusOffer} from './tus-offer.ts'
import {askTus, explained, foreignVersion, passOver, tusVersion} from './tus-request.ts'

/** What came of the question for an upload resource; the answer's body still waits. */
export type Creation =
  | {readonly kind: 'created'; readonly url: URL; readonly answer: Answer}
  | {readonly kind: 'refused'; readonly answer: Answer}

/** Where a task's uploads are created. */
export function creationAddress(task: UploadTask): URL {
  return task.options.collection ?? task.originalRequest.url
}

/** Asks for a resource of so many bytes (tus 1.0.0, Creation). Rejects with REPLY_MALFORMED or REFUSED. */
export async function createResource(
  task: UploadTask,
  {length, fields}: {length: number; fields: readonly HeaderField[]}
): Promise<Creation> {
  const size: HeaderField = ['Upload-Length', formatUploadLength(length)]
  const answer = await askTus(task, {
    method: 'POST',
    url: creationAddress(task),
    fields: [size, ...fields]
  })
  if (answer.response.status >= 400) return {kind: 'refused', answer: explained(answer)}
  try {
    return {kind: 'created', url: namedResource(task, answer.response), answer}
  } catch (error) {
    await passOver(task, answer)
    throw error
  }
}

function namedResource(task: UploadTask, {status, headers, url: asked}: URLResponse): URL {
  const rules = task.keys.redirects
  const found = status < 300 && uploadResource(headers, {asked, rules: {...rules, allowDowngrade: true}})
  if (!found) {
    throw new TransferError(
      'REPLY_MALFORMED',
      `The server answered ${status} and named no upload to send to`,
      {
        url: asked,
        method: 'POST'
      }
    )
  }
  if (asked.protocol === 'https:' && found.protocol === 'http:' && !rules.allowDowngrade) {
    throw new TransferError(
      'REFUSED',
      'The server takes the upload over http only, and was asked over https',
      {
        url: asked,
        method: 'POST',
        hint: 'Allow it with --allow-downgrade if the content is not secret.'
      }
    )
  }
  return found
}

/**
 * Refuses before anything is sent what the server will not take: FILE_TOO_LARGE, NOT_RESUMABLE where it lets nobody create
 * uploads or speaks another version.
 */
export function assertTakes(offer: TusOffer, {url, size}: {url: URL; size: number}): void {
  const {maxSize, versions, extensions} = offer
  if (versions.length > 0 && !versions.includes(tusVersion)) {
    const {message, hint = ''} = foreignVersion(versions)
    throw new TransferError('NOT_RESUMABLE', `The server cannot be spoken to: ${message}`, {url, hint})
  }
  if (extensions.size > 0 && !extensions.has('creation')) {
    throw new TransferError('NOT_RESUMABLE', 'The server speaks tus, but lets nobody create uploads there', {
      url,
      hint: 'Send it as a plain request (--resumable none), which cannot be continued.'
    })
  }
  if (maxSize !== undefined && size > maxSize) {
    throw new TransferError(
      'FILE_TOO_LARGE',
      `The file has ${size} bytes, and the server takes ${maxSize} at most`,
      {url}
    )
  }
}

/** What the server is told about the file: the user's own words, or its name and type. */
export function metadataFields(task: UploadTask, source: FileSource): readonly HeaderField[] {
  const {originalRequest, keys} = task
  const given = [...originalRequest.headers, ...Object.entries(keys.headers)]
  const valueOf = (name: string): string | undefined =>
    given.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
  const own = valueOf('upload-metadata')
  const value = own ?? formatUploadMetadata(describe(task, {source, type: valueOf('content-type')}))
  return value === undefined ? [] : [['Upload-Metadata', value]]
}

function describe(
  task: UploadTask,
  {source, type}: {source: FileSource; type: string | undefined}
): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  // A copy that was made for this upload has a name that says nothing.
  const isCopy = task.source.kind === 'file' && task.source.lifetime === 'task'
  if (!isCopy) entries.set('filename', basename(source.path))
  if (type) entries.set('filetype', type)
  return entries
}
