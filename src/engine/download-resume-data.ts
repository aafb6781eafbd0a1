import type {Checksum} from './download/checksum.ts'
import type {HeaderField} from './url-request.ts'

/**
 * What it takes to continue a download elsewhere. No secrets: headers that may be secret are named in
 * omittedHeaders, their values are not here. Sizes are bytes, times milliseconds since the epoch.
 */
export interface DownloadResumeData {
  readonly format: 'ferry-resume-data'
  readonly version: number
  readonly kind: 'download'
  /** Grows by one each time it is written. */
  readonly generation: number
  readonly taskId: string
  readonly label: string | null
  readonly session: string
  readonly state: 'active' | 'paused' | 'failed' | 'committing'
  readonly written: number
  readonly originalRequest: {
    /** Without userinfo and fragment. */
    readonly url: string
    readonly method: 'GET'
    readonly headers: readonly HeaderField[]
    readonly omittedHeaders: readonly string[]
  }
  readonly response: {
    /** Where the content came from in the end, without its query: signed links are secrets. */
    readonly url: string
    readonly status: number
    readonly entityTag: string | null
    readonly lastModified: string | null
    readonly date: string | null
    readonly acceptRanges: string | null
  }
  readonly total: number | null
  /** Bytes from the start that are proved to be on disk; what the partial file has beyond them does not count. */
  readonly bytesReceived: number
  /** Hash of the last bytes before bytesReceived, so that another file under the same name is noticed. */
  readonly tail: {readonly length: number; readonly sha256: string}
  readonly partial: {readonly name: string; readonly device: number; readonly inode: number}
  readonly destination: {
    readonly name: string
    /** Absolute; only where the resume data does not stand beside the file. */
    readonly directory: string | null
    readonly ifExists: string
    readonly remoteTime: boolean
    readonly requireLength: boolean
    readonly checksums: readonly Checksum[]
  }
}
