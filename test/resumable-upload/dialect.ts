/** Interop versions of draft-ietf-httpbis-resumable-upload that this server knows. */
export type DraftVersion = 3 | 5 | 6 | 7 | 8

/** How the versions differ, each from the text of its own draft. */
export interface Dialect {
  readonly version: DraftVersion
  /** Final answers to content say Upload-Offset while the upload is active; the first one says Location as well. */
  readonly offsetInAnswers: boolean
  /** Upload-Complete: ?1 marks the answer of the target itself. */
  readonly completeMarksTarget: boolean
  /** Of the answer to an append that does not complete the upload. */
  readonly appendStatus: 201 | 204
  /** Interim answers may say how far the content was stored. */
  readonly progress: boolean
  /** The name that Upload-Limit has for the lifetime of an upload; undefined: there is no Upload-Limit. */
  readonly lifetimeKey: 'expires' | 'max-age' | undefined
  /** HEAD says Upload-Length. */
  readonly lengthInState: boolean
  /** Of an append; undefined: the draft asks for none. */
  readonly mediaType: string | undefined
  readonly inconsistentStatus: 400 | 409
  readonly problemTypes: boolean
  /** OPTIONS says Upload-Limit. */
  readonly announcesByOptions: boolean
  /** HEAD and DELETE that carry Upload-Offset or Upload-Complete are answered with 400. */
  readonly refusesStateFields: boolean
  /** An append has to say Upload-Complete; without it, it would be the last one. */
  readonly completeRequired: boolean
  /** What an append to a completed upload gets unless the server was told otherwise. */
  readonly completedAppend: 'refuse' | 'replay'
}

const early: Dialect = {
  version: 3,
  offsetInAnswers: true,
  completeMarksTarget: false,
  appendStatus: 201,
  progress: false,
  lifetimeKey: undefined,
  lengthInState: false,
  mediaType: undefined,
  inconsistentStatus: 400,
  problemTypes: false,
  announcesByOptions: false,
  refusesStateFields: true,
  completeRequired: false,
  completedAppend: 'refuse'
}

const middle: Dialect = {
  ...early,
  version: 5,
  progress: true,
  lifetimeKey: 'expires',
  mediaType: 'application/partial-upload',
  problemTypes: true
}

const late: Dialect = {
  ...middle,
  version: 6,
  offsetInAnswers: false,
  completeMarksTarget: true,
  appendStatus: 204,
  lifetimeKey: 'max-age',
  lengthInState: true,
  inconsistentStatus: 409,
  announcesByOptions: true,
  refusesStateFields: false,
  completeRequired: true
}

export const dialects: Readonly<Record<DraftVersion, Dialect>> = {
  3: early,
  5: middle,
  6: late,
  7: {...late, version: 7, inconsistentStatus: 400},
  8: {...late, version: 8, inconsistentStatus: 400, completedAppend: 'replay'}
}
