import {basename} from 'node:path'
import type {Answer} from '../exchange/follow.ts'
import {formatUploadLength} from '../fields/upload-length.ts'
import {formatUploadMetadata} from '../fields/upload-metadata.ts'
import type {TusOffer} from '../storage/upload-support-store.ts'
import {TransferError} from '../transfer-error.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField, URLResponse} from '../url-request.ts'
import {creationAddress} from './creation-address.ts'
import type {FileSource} from './file-source.ts'
import {largerThanTaken} from './larger-than-taken.ts'
import {isStrangersWord, uploadResource} from './resumable-upload-location.ts'
import {askTus, explained, foreignVersion, passOver, tusVersion} from './tus-request.ts'

/** What came of the question for an upload resource; the answer's body still waits. */
export type Creation =
  | {readonly kind: 'created'; readonly url: URL; readonly answer: Answer}
  | {readonly kind: 'refused'; readonly answer: Answer}

const withoutTus =
  'It may not speak tus: --resumable auto finds out what it speaks, --resumable none sends a plain request.'

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
  if (answer.response.status >= 400) return {kind: 'refused', answer: explained(unlessSpoken(answer))}
  try {
    return {kind: 'created', url: await namedResource(task, answer.response), answer}
  } catch (error) {
    await passOver(task, answer)
    throw error
  }
}

// Whoever has never heard of tus refuses the method, or the address.
function unlessSpoken(answer: Answer): Answer {
  const {status, headers} = answer.response
  const isSpoken = headers.some(([name]) => name.startsWith('tus-'))
  if (isSpoken || ![404, 405, 501].includes(status)) return answer
  return {...answer, trouble: new TransferError('HTTP_STATUS', 'it says nothing of tus', {hint: withoutTus})}
}

async function namedResource(task: UploadTask, {status, headers, url: asked}: URLResponse): Promise<URL> {
  const rules = task.keys.redirects
  const found = status < 300 && uploadResource(headers, {asked, rules: {...rules, allowDowngrade: true}})
  const told = {url: asked, method: 'POST'}
  if (!found) {
    const message = `The server answered ${status} and named no upload to send to`
    throw new TransferError('REPLY_MALFORMED', message, {...told, hint: withoutTus})
  }
  if (asked.protocol === 'https:' && found.protocol === 'http:' && !rules.allowDowngrade) {
    const hint = 'Allow it with --allow-downgrade if the content is not secret.'
    const message = 'The server takes the upload over http only, and was asked over https'
    throw new TransferError('REFUSED', message, {...told, hint})
  }
  if (await isStrangersWord(task, {asked, url: found})) {
    const hint = 'If you trust the server that it was redirected to, send it there in the first place.'
    const message = 'The upload was redirected to a server that names a place at the one before it'
    throw new TransferError('REFUSED', message, {...told, hint})
  }
  return found
}

/**
 * Why a server will not take a file, as far as it can be known before anything is sent: FILE_TOO_LARGE, or NOT_RESUMABLE
 * where it lets nobody create uploads or speaks another version.
 */
export function refusalBy(
  {maxSize, versions, extensions}: TusOffer,
  {url, size}: {url: URL; size: number}
): TransferError | undefined {
  if (versions.length > 0 && !versions.includes(tusVersion)) {
    const {message, hint = ''} = foreignVersion(versions)
    return new TransferError('NOT_RESUMABLE', `The server cannot be spoken to: ${message}`, {url, hint})
  }
  if (extensions.size > 0 && !extensions.has('creation')) {
    return new TransferError('NOT_RESUMABLE', 'The server speaks tus, but lets nobody create uploads there', {
      url,
      hint: 'Send it as a plain request (--resumable none), which cannot be continued.'
    })
  }
  if (maxSize === undefined || size <= maxSize) return undefined
  const message = `The file has ${size} bytes, and the server takes ${maxSize} at most`
  return new TransferError('FILE_TOO_LARGE', message, {url, hint: largerThanTaken})
}

/** What the server is told about the file: the user's own words, or its name and type. */
export async function metadataFields(task: UploadTask, source: FileSource): Promise<readonly HeaderField[]> {
  const {originalRequest, keys} = task
  const given = [...originalRequest.headers, ...Object.entries(keys.headers)]
  const valueOf = (name: string): string | undefined =>
    given.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
  const own = valueOf('upload-metadata')
  if (own !== undefined) return own === '' ? [] : [['Upload-Metadata', own]]
  const value = formatUploadMetadata(await describe(nameOf(task, source), valueOf('content-type')))
  return value === undefined ? [] : [['Upload-Metadata', value]]
}

// A copy that was made for this upload has a name that says nothing.
function nameOf(task: UploadTask, {path}: FileSource): string | undefined {
  return task.source.kind === 'file' && task.source.lifetime === 'task' ? undefined : basename(path)
}

async function describe(
  name: string | undefined,
  given: string | undefined
): Promise<ReadonlyMap<string, string>> {
  const {default: types} = await import('mime')
  // Without a folder before it, a name without a dot is taken for an extension.
  const type = given || (name === undefined ? undefined : types.getType(`./${name}`))
  return new Map([
    ...(name === undefined ? [] : [['filename', name] as const]),
    ...(type ? [['filetype', type] as const] : [])
  ])
}
