import {codingsOf} from '../exchange/content-codings.ts'
import {validatorsOf} from '../exchange/validators.ts'
import type {Validators} from '../exchange/validators.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import {parseAcceptRanges} from '../fields/accept-ranges.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'

/** Which version of a resource is being received, and what its server said of it. */
export interface Representation {
  /** Bytes of the whole, when announced. */
  readonly total: number | undefined
  readonly validators: Validators
  readonly acceptRanges: string | undefined
  /** encoded: the bytes have a content coding, so that a range of them means nothing. */
  readonly coding: 'identity' | 'encoded'
}

/** Nothing known yet. */
export const unknownRepresentation: Representation = {
  total: undefined,
  validators: {entityTag: undefined, lastModified: undefined, date: undefined},
  acceptRanges: undefined,
  coding: 'identity'
}

export function representationOf(response: URLResponse, total: number | undefined): Representation {
  return {
    total,
    validators: validatorsOf(response),
    acceptRanges: headerValue(response.headers, 'accept-ranges'),
    coding: codingsOf(response).length > 0 ? 'encoded' : 'identity'
  }
}

export function recordedRepresentation({total, response}: DownloadResumeData): Representation {
  return {
    total: total ?? undefined,
    validators: {
      entityTag: response.entityTag ?? undefined,
      lastModified: response.lastModified ?? undefined,
      date: response.date ?? undefined
    },
    acceptRanges: response.acceptRanges ?? undefined,
    coding: 'identity'
  }
}

/** Can the server be asked for the rest without the risk of joining two versions? */
export function canBeContinued({validators, acceptRanges, coding}: Representation): boolean {
  return (
    coding === 'identity' &&
    hasStrongValidator(validators) &&
    parseAcceptRanges(acceptRanges ?? '') !== 'none'
  )
}
