import type {ResumeFlags} from '../../cli/transfer-flags.ts'
import {usageError} from '../../cli/usage-error.ts'
import {isUpload} from '../transfer/remains.ts'
import type {Remains} from '../transfer/remains.ts'

const ofDownloads = ['url', 'if-exists', 'checksum', 'sha256', 'no-store', 'on-cache'] as const

/** Refuses what has no meaning for an upload, rather than to go on as if it had been heard. Throws USAGE. */
export function assertFlagsFit(flags: ResumeFlags, remains: readonly Remains[]): void {
  const uploads = remains.filter(isUpload)
  const flag = ofDownloads.find(name => flags[name] !== undefined)
  if (uploads.length === 0 || flag === undefined) return
  const [upload] = uploads
  throw usageError(
    `--${flag} is for downloads, and ${upload?.operand} is an upload`,
    uploads.length === remains.length ? 'Leave it out.' : 'Resume the uploads by themselves, without it.'
  )
}
