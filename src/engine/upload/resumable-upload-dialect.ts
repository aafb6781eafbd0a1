import type {InteropVersion} from '../configuration-keys.ts'
import {parseInteger} from '../fields/structured-field.ts'
import {formatUploadComplete, parseUploadComplete} from '../fields/upload-complete.ts'
import {formatUploadLength} from '../fields/upload-length.ts'
import {parseUploadLimit} from '../fields/upload-limit.ts'
import type {AgeKeys, UploadLimit} from '../fields/upload-limit.ts'
import {parseUploadOffset} from '../fields/upload-offset.ts'
import {headerValue} from '../url-request.ts'
import type {HeaderField} from '../url-request.ts'

type Headers = readonly HeaderField[]

/** How an interop version of draft-ietf-httpbis-resumable-upload differs from the others. */
export interface Dialect {
  readonly version: InteropVersion
  /** Texts with version 3 call the field Upload-Incomplete, later ones Upload-Complete: both are said there. */
  readonly completeness: 'both' | 'complete'
  /** Is Upload-Length said? Up to 5 the length of the content tells it. */
  readonly saysLength: boolean
  /** Content-Type of an append. The last texts with version 5 demand it, the first ones do not look at it. */
  readonly partType: string | undefined
  /** Texts with version 6 and before call it expires, but the last of them max-age. */
  readonly ageKeys: AgeKeys
  /** Up to 5 a success whose Upload-Offset is not the end of what was sent is a failure. */
  readonly offsetInSuccess: 'end' | 'progress'
}

const partType = 'application/partial-upload'

/** What is spoken with an interop version. */
export function dialectOf(version: InteropVersion): Dialect {
  return {
    version,
    completeness: version === 3 ? 'both' : 'complete',
    saysLength: version > 5,
    partType: version === 3 ? undefined : partType,
    ageKeys: version > 6 ? ['max-age'] : ['max-age', 'expires'],
    offsetInSuccess: version > 5 ? 'progress' : 'end'
  }
}

/** Says the version, as every request has to. */
export function versionField({version}: Dialect): HeaderField {
  return ['Upload-Draft-Interop-Version', String(version)]
}

/** Says whether the content of a request reaches to the end of the upload. */
export function completenessFields({completeness}: Dialect, isComplete: boolean): readonly HeaderField[] {
  const complete: HeaderField = ['Upload-Complete', formatUploadComplete(isComplete)]
  return completeness === 'both'
    ? [complete, ['Upload-Incomplete', formatUploadComplete(!isComplete)]]
    : [complete]
}

/** Says how long the upload is as a whole. */
export function lengthFields({saysLength}: Dialect, length: number): readonly HeaderField[] {
  return saysLength ? [['Upload-Length', formatUploadLength(length)]] : []
}

/** Is an interim answer of this version? One that is not, or does not say, has to be ignored. */
export function isSpokenIn({version}: Dialect, headers: Headers): boolean {
  return parseInteger(headerValue(headers, 'upload-draft-interop-version') ?? '') === version
}

/** What an answer says about the upload. */
export interface UploadState {
  readonly isComplete: boolean | undefined
  readonly offset: number | undefined
  readonly limit: UploadLimit
}

/** Reads it; what cannot be read was not said. */
export function stateIn(dialect: Dialect, headers: Headers): UploadState {
  return {
    isComplete: isCompleteIn(dialect, headers),
    offset: parseUploadOffset(headerValue(headers, 'upload-offset') ?? ''),
    limit: parseUploadLimit(headerValue(headers, 'upload-limit') ?? '', dialect.ageKeys) ?? {}
  }
}

function isCompleteIn({completeness}: Dialect, headers: Headers): boolean | undefined {
  const isComplete = parseUploadComplete(headerValue(headers, 'upload-complete') ?? '')
  if (isComplete !== undefined || completeness === 'complete') return isComplete
  const isIncomplete = parseUploadComplete(headerValue(headers, 'upload-incomplete') ?? '')
  return isIncomplete === undefined ? undefined : !isIncomplete
}
