import {constants} from 'node:fs'
import {access, stat} from 'node:fs/promises'
import {basename, resolve} from 'node:path'
import {TransferError, hasHeader, urlRequest} from '../engine/index.ts'
import type {FormField, HeaderField, UploadOptions, UploadSource, URLRequest} from '../engine/index.ts'
import {assertFamily} from './address-family.ts'
import {authenticationArguments} from './authentication-arguments.ts'
import {awsSigning} from './aws-signature.ts'
import type {AwsSigning} from './aws-signature.ts'
import {conditionHeaders} from './conditions.ts'
import {assertContinuable} from './continuable-content.ts'
import {dataAmong, readData} from './data-argument.ts'
import {positiveCountOf, sizeOf} from './flag-values.ts'
import {fieldsAmong, readForm} from './form-argument.ts'
import {nameRequest} from './name-request.ts'
import {netrcWarnings} from './netrc-file.ts'
import {present} from './present.ts'
import type {Words} from './read-words.ts'
import {readTextFile} from './read-text-file.ts'
import {requestHeaders} from './request-headers.ts'
import {assertMayWait} from './suspended-upload.ts'
import {taskOptions} from './task-options.ts'
import type {UploadFlags, uploadFlags} from './transfer-flags.ts'
import {readUploadWords} from './upload-words.ts'
import type {UploadWords} from './upload-words.ts'
import {usageError} from './usage-error.ts'
import {unreadable} from './why-unreadable.ts'

/** One upload that the words ask for, before there is a session. */
export interface PlannedUpload {
  readonly request: URLRequest
  readonly source: UploadSource
  readonly options: UploadOptions
}

export interface UploadPlan {
  readonly uploads: readonly PlannedUpload[]
  /** For each of them, where the requests are signed. */
  readonly signing: AwsSigning | undefined
  readonly warnings: readonly string[]
}

/** Words to uploads. Rejects before anything is sent, for all files if one of them cannot be read. */
export async function planUpload(words: Words<typeof uploadFlags>): Promise<UploadPlan> {
  const {flags, operands} = words
  const content = contentOf(words)
  const listed = flags['input-file'] && (await listedFiles(flags['input-file']))
  const method = methodOf(flags, content === undefined ? 'PUT' : 'POST')
  const place = readUploadWords(operands, {flag: content?.flag, listed, method})
  assertOneAnswer(words)
  const target = {url: place.address, method}
  return planned(words, {place, method, content}).catch((error: unknown) => nameRequest(error, target))
}

interface Destination {
  readonly place: UploadWords
  readonly method: string
  readonly content: Content | undefined
}

async function planned(
  {flags}: Words<typeof uploadFlags>,
  {place, method, content}: Destination
): Promise<UploadPlan> {
  assertConsistent(flags, place)
  const headers = [...(await requestHeaders(flags)), ...(await conditionHeaders(flags))]
  await assertReadable(place.files)
  if (flags.suspended) await assertMayWait(flags, {flag: content?.flag, files: place.files})
  const source = await content?.read()
  await assertReadable(source === undefined ? [] : filesIn(source))
  const signing = await awsSigning(flags)
  const who = signing === undefined ? await authenticationArguments(flags) : undefined
  const options = {...uploadOptions(flags), ...present({authentication: who?.authentication})}
  const uploads: readonly PlannedUpload[] =
    source === undefined
      ? place.files.map(file => plannedFile(file, {place, method, headers, options, length: flags.length}))
      : [plannedContent(source, {place, method, headers, options})]
  assertContinuable(
    flags,
    uploads.map(upload => upload.source)
  )
  if (flags.resumable !== 'tus') assertDistinct(uploads)
  const empty = uploads.length === 0 ? ['The list is empty: there is nothing to send'] : []
  const warnings = [...((signing ?? who)?.warnings ?? []), ...(await netrcWarnings(flags)), ...empty]
  return {uploads, signing, warnings}
}

interface Content {
  readonly flag: '-d' | '-F'
  read(): Promise<UploadSource>
}

function contentOf({given}: Words<typeof uploadFlags>): Content | undefined {
  const [data, fields] = [dataAmong(given), fieldsAmong(given)]
  if (data.length > 0 && fields.length > 0)
    throw usageError('-d and -F exclude each other: a request has one body', 'Give every field with -F.')
  if (data.length > 0) return {flag: '-d', read: () => readData(data)}
  if (fields.length === 0) return undefined
  return {flag: '-F', read: async () => ({kind: 'form', fields: await readForm(fields)})}
}

async function listedFiles(lists: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const list of lists) {
    const text = await readTextFile('-i', list)
    files.push(...text.split(/\r?\n/).filter(line => line !== ''))
  }
  return files
}

function assertOneAnswer({given}: Words<typeof uploadFlags>): void {
  if (given.filter(({name}) => name === 'output').length < 2) return
  throw usageError(
    '-o is given more than once, but the answers of an upload go to one place',
    'Give it once: the answers of several files go there one after another.'
  )
}

function assertConsistent(flags: UploadFlags, {files, address}: UploadWords): void {
  assertFamily(flags, [address])
  const isStream = files[0] === '-'
  if (!isStream && flags.length !== undefined)
    throw usageError('--length goes with -, standard input; of everything else the length is known')
  if (!isStream && flags.spool)
    throw usageError('--spool goes with -, standard input; files can be read again')
  if (flags['continue-at'] !== undefined && flags['continue-at'] !== '-') {
    throw usageError(
      '-C takes - only: where an upload goes on is for the server to say',
      'Leave it out: an interrupted upload is continued by default.'
    )
  }
  const single = (['etag-save', 'resume-data'] as const).find(name => flags[name] !== undefined)
  if (files.length > 1 && single !== undefined) throw usageError(`--${single} is for one upload at a time`)
}

const bodiless = new Set(['GET', 'HEAD', 'TRACE', 'CONNECT'])

// RFC 9110, 9.3: content of these has no meaning that anybody has agreed on, or must not be there.
function methodOf({request}: UploadFlags, otherwise: string): string {
  const method = request ?? otherwise
  if (!bodiless.has(method.toUpperCase())) return method
  throw usageError(
    `-X ${method.toUpperCase()}: such a request carries no content`,
    'Leave -X out, or use PUT, POST or PATCH. To ask for something: ferry get'
  )
}

function filesIn(source: UploadSource): readonly string[] {
  if (source.kind === 'file') return [source.path]
  const fields: readonly FormField[] = source.kind === 'form' ? source.fields : []
  return fields.flatMap(({value}) => (value.kind === 'file' ? [value.path] : []))
}

async function assertReadable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (file !== '-') await access(file, constants.R_OK).then(() => assertNoFolder(file), unreadable(file))
  }
}

async function assertNoFolder(file: string): Promise<void> {
  if (!(await stat(file)).isDirectory()) return
  throw new TransferError('READ_FAILED', `${file} is a folder, and folders are not uploaded`, {
    hint: 'Pack it first: tar -c FOLDER | ferry upload - URL'
  })
}

function uploadOptions(flags: UploadFlags): UploadOptions {
  const {connections, 'resume-data': resumeData} = flags
  return {
    ...taskOptions(flags),
    ...present({
      resuming: flags['no-resume'] ? ('never' as const) : undefined,
      restarting: flags['no-restart'] ? ('refuse' as const) : undefined,
      requireLength: flags['require-length'],
      connections: connections === undefined ? undefined : positiveCountOf('--connections', connections),
      resumeDataPath: resumeData === undefined ? undefined : resolve(resumeData)
    })
  }
}

interface Planning {
  readonly place: UploadWords
  readonly method: string
  readonly headers: readonly HeaderField[]
  readonly options: UploadOptions
}

function plannedFile(
  file: string,
  planning: Planning & {readonly length: string | undefined}
): PlannedUpload {
  const {place, method, headers, options, length} = planning
  if (file === '-') {
    const source: UploadSource = {
      kind: 'stream',
      ...present({length: length === undefined ? undefined : sizeOf('--length', length)})
    }
    return {request: urlRequest(place.address, {method, headers}), source, options}
  }
  const source: UploadSource = {kind: 'file', path: resolve(file)}
  if (!place.isCollection) return {request: urlRequest(place.address, {method, headers}), source, options}
  const request = urlRequest(namedIn(place.address, basename(file)), {method, headers})
  return {request, source, options: {...options, collection: place.address}}
}

// Sent at once, the last one to end would be what is left. Servers of tus give names of their own.
function assertDistinct(uploads: readonly PlannedUpload[]): void {
  const known = new Map<string, string>()
  for (const {request, source} of uploads) {
    if (source.kind !== 'file') continue
    const {href} = request.url
    const other = known.get(href)
    known.set(href, source.path)
    if (other === undefined) continue
    const name = basename(source.path)
    const why = other === source.path ? 'are the same file' : `would both become ${name} there`
    throw usageError(
      `${other} and ${source.path} ${why}`,
      'Send one of them to a URL of its own; where the server gives names itself, add --resumable tus.'
    )
  }
}

function namedIn(collection: URL, name: string): URL {
  const address = new URL(collection)
  address.pathname += encodeURIComponent(name.toWellFormed())
  return address
}

function plannedContent(source: UploadSource, {place, method, headers, options}: Planning): PlannedUpload {
  const isPlain = source.kind === 'form' || hasHeader(headers, 'content-type')
  const type: HeaderField = ['Content-Type', 'application/x-www-form-urlencoded']
  return {
    request: urlRequest(place.address, {method, headers: isPlain ? headers : [...headers, type]}),
    source: absolute(source),
    options
  }
}

function absolute(source: UploadSource): UploadSource {
  if (source.kind === 'file') return {...source, path: resolve(source.path)}
  if (source.kind !== 'form') return source
  const fields = source.fields.map(field => {
    const {value} = field
    return value.kind === 'file' ? {...field, value: {...value, path: resolve(value.path)}} : field
  })
  return {kind: 'form', fields}
}
