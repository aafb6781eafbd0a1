import type {ResumeFlags} from '../../cli/transfer-flags.ts'
import {usageError} from '../../cli/usage-error.ts'
import {isUpload} from '../transfer/remains.ts'
import type {Remains} from '../transfer/remains.ts'

const ofDownloads = [
  'url',
  'if-exists',
  'checksum',
  'sha256',
  'require-length',
  'no-store',
  'on-cache'
] as const
const ofTheStart = [
  'url',
  'restart',
  'if-exists',
  'checksum',
  'sha256',
  'require-length',
  'output',
  'output-dir',
  'create-dirs'
] as const
const ofUploads = ['output', 'output-dir', 'create-dirs', 'show-headers'] as const

/** Refuses what has no meaning for what is resumed, rather than to go on as if it had been heard. Throws USAGE. */
export function assertFlagsFit(flags: ResumeFlags, remains: readonly Remains[]): void {
  if (flags.suspended) assertNothingChanges(flags)
  const uploads = remains.filter(isUpload)
  if (uploads.length === 0 && remains.every(({read}) => read)) assertNoAnswer(flags, remains)
  const flag = ofDownloads.find(name => flags[name] !== undefined)
  if (uploads.length === 0 || flag === undefined) return
  const [upload] = uploads
  throw usageError(
    `--${flag} is for downloads, and ${upload?.operand} is an upload`,
    uploads.length === remains.length ? 'Leave it out.' : 'Resume the uploads by themselves, without it.'
  )
}

function assertNoAnswer(flags: ResumeFlags, remains: readonly Remains[]): void {
  const flag = ofUploads.find(name => flags[name] !== undefined)
  if (flag === undefined) return
  throw usageError(
    `--${flag} is for the answer to an upload, and ${remains[0]?.operand} is a download`,
    'Leave it out: a download goes on into its own file.'
  )
}

function assertNothingChanges(flags: ResumeFlags): void {
  const flag = ofTheStart.find(name => flags[name] !== undefined)
  if (flag === undefined) return
  throw usageError(
    `--${flag} is for the moment at which the transfer goes on, and --suspended puts that off`,
    `Give --${flag} to the resume that starts it.`
  )
}
