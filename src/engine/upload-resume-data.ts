import type {InteropVersion} from './configuration-keys.ts'
import type {HeaderField} from './url-request.ts'

/**
 * What it takes to continue an upload: where the server keeps what it has, and what was sent. No secrets: headers that
 * may be secret are named in omittedHeaders, their values are not here. Sizes are bytes, times milliseconds since the
 * epoch.
 */
export interface UploadResumeData {
  readonly format: 'ferry-resume-data'
  readonly version: number
  readonly kind: 'upload'
  /** Grows by one each time it is written. */
  readonly generation: number
  readonly taskId: string
  readonly label: string | null
  readonly session: string
  readonly state: 'active' | 'paused' | 'failed'
  readonly written: number
  readonly originalRequest: {
    /** Without userinfo and fragment. */
    readonly url: string
    readonly method: string
    readonly headers: readonly HeaderField[]
    readonly omittedHeaders: readonly string[]
  }
  /** The collection that the file is put into; null = the URL itself. */
  readonly collection: string | null
  /** Until it has begun, what was chosen for it: none = a plain request, null = the session chooses when it begins. */
  readonly protocol: 'tus' | 'ietf' | 'none' | null
  /** Of the draft that the upload began with; null for the others. */
  readonly interopVersion: InteropVersion | null
  /**
   * What the server keeps it under: one upload resource, or one for each part that goes its own way (tus). Empty as long as
   * nobody was asked for anything.
   */
  readonly parts: readonly UploadPart[]
  /** The server may forget it from then on; null = it did not say. */
  readonly expires: number | null
  readonly source: {
    /** Absolute. */
    readonly path: string
    readonly size: number
    readonly modified: number
    readonly device: number
    readonly inode: number
    /** task: a copy of a stream, made for this upload alone; it goes when the upload has ended. */
    readonly lifetime: 'user' | 'task'
  }
  /** Hash of the first bytes of the source as they were sent, so that another content is noticed. */
  readonly prefix: {readonly length: number; readonly sha256: string}
}

/** A stretch of the source with an upload resource of its own. */
export interface UploadPart {
  readonly url: string
  /** First byte of the source, and how many. */
  readonly first: number
  readonly length: number
}
