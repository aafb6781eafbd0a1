import {createHash, createHmac, timingSafeEqual} from 'node:crypto'
import {readFile, rename, stat, unlink} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {DownloadResumeData} from './download-resume-data.ts'
import {largestFile} from './resume-data-limits.ts'
import {openBeside} from './storage/open-beside.ts'
import {syncFolder} from './storage/sync-folder.ts'
import {TransferError} from './transfer-error.ts'
import type {UploadResumeData} from './upload-resume-data.ts'

/** The newest form this version writes and the only one it reads. */
export const resumeDataVersion = 1

/** What one file of resume data holds. */
export type ResumeData = DownloadResumeData | UploadResumeData

type Envelope = ResumeData & {
  readonly integrity: string
  readonly signature: string | null
}

/** What reading resume data gives. */
export interface ReadResumeData<Data extends ResumeData = ResumeData> {
  readonly data: Data
  /** own: signed by this user's key. foreign: not; never trust it without asking. */
  readonly origin: 'own' | 'foreign'
}

function sealed(data: ResumeData, key: Uint8Array | undefined): string {
  const text = JSON.stringify(data)
  const integrity = createHash('sha256').update(text).digest('hex')
  const signature = key ? createHmac('sha256', key).update(text).digest('hex') : null
  return `${JSON.stringify({...data, integrity, signature}, undefined, 1)}\n`
}

export interface WriteOptions {
  readonly key: Uint8Array | undefined
  /** folder: also flush the folder, so that a new name survives a power cut. */
  readonly flush: 'none' | 'file' | 'folder'
}

/** Writes it beside and renames: a crash leaves the old or the new, never half (R31). 0600 from the first instant. */
export async function writeResumeData(
  path: string,
  data: ResumeData,
  {key, flush}: WriteOptions
): Promise<void> {
  const {file, beside} = await openBeside(`${path}~`)
  try {
    try {
      await file.writeFile(sealed(data, key))
      if (flush !== 'none') await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await unlink(beside).catch(() => {})
    throw error
  }
  if (flush === 'folder') await syncFolder(dirname(path))
}

/** Reads and checks resume data. Rejects with RESUME_DATA_INVALID and touches nothing. */
export async function readResumeData(path: string, key?: Uint8Array): Promise<ReadResumeData> {
  const text = await readText(path)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw invalid(path, 'it is not JSON', error)
  }
  const {resumeDataSchema} = await import('./resume-data-schema.ts')
  const {safeParse} = await import('valibot')
  const result = safeParse(resumeDataSchema, parsed)
  if (!result.success) throw invalid(path, describeIssue(parsed, result.issues[0].message))
  return verify(path, {parsed: parsed as Envelope, key})
}

async function readText(path: string): Promise<string> {
  const facts = await stat(path).catch((error: unknown) => {
    throw invalid(path, 'it is not there: it may have been used already', error)
  })
  if (!facts.isFile()) throw invalid(path, 'it is not a file')
  if (facts.size > largestFile) throw invalid(path, 'it is too large')
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw invalid(path, 'it cannot be read', error)
  })
}

function verify(
  path: string,
  {parsed, key}: {parsed: Envelope; key: Uint8Array | undefined}
): ReadResumeData {
  const {integrity, signature, ...data} = parsed
  const text = JSON.stringify(data)
  if (createHash('sha256').update(text).digest('hex') !== integrity) throw invalid(path, 'it is damaged')
  const expected = key ? Buffer.from(createHmac('sha256', key).update(text).digest('hex')) : undefined
  const given = Buffer.from(signature ?? '')
  const isOwn = expected !== undefined && given.length === expected.length && timingSafeEqual(given, expected)
  return {data, origin: isOwn ? 'own' : 'foreign'}
}

function describeIssue(parsed: unknown, message: string): string {
  const version = (parsed as {version?: unknown} | null)?.version
  if (typeof version === 'number' && version > resumeDataVersion) return 'a newer ferry wrote it'
  return message
}

function invalid(path: string, why: string, cause?: unknown): TransferError {
  return new TransferError('RESUME_DATA_INVALID', `The resume data ${path} cannot be used: ${why}`, {cause})
}

/** One line for a person: what the resume data would continue. */
export function describeResumeData(data: ResumeData): string {
  if (data.kind === 'upload') return `${data.source.path}: upload to ${data.originalRequest.url}`
  const whole = data.total === null ? 'an unknown total' : `${data.total} bytes`
  return `${data.destination.name}: ${data.bytesReceived} of ${whole} from ${data.originalRequest.url}`
}

/** Reads resume data of a download. Rejects as readResumeData does, and for that of an upload. */
export async function readDownloadResumeData(
  path: string,
  key?: Uint8Array
): Promise<ReadResumeData<DownloadResumeData>> {
  const {data, origin} = await readResumeData(path, key)
  if (data.kind === 'download') return {data, origin}
  throw invalid(path, 'it belongs to an upload')
}

/** Reads resume data of an upload. Rejects as readResumeData does, and for that of a download, or what others made. */
export async function readUploadResumeData(path: string, key?: Uint8Array): Promise<UploadResumeData> {
  const {data, origin} = await readResumeData(path, key)
  if (data.kind !== 'upload') throw invalid(path, 'it belongs to a download')
  if (origin === 'own') return data
  throw invalid(path, 'it was not made by this user here, and others must not choose a file to send')
}
