import type {UploadSource} from '../engine/index.ts'
import type {UploadFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Refuses what is about uploads that can be continued where none can be: only files are. Throws USAGE. */
export function assertContinuable(flags: UploadFlags, sources: readonly UploadSource[]): void {
  const flag = continuingFlag(flags)
  const once = sources.find(({kind}) => kind !== 'file')
  if (flag === undefined || once === undefined) return
  if (once.kind !== 'stream') {
    throw usageError(
      `${flag} is for files: data and forms cannot be continued`,
      'Leave it out, or put the body into a file: ferry upload -X POST -H "Content-Type: TYPE" FILE URL'
    )
  }
  if (flags.spool) return
  throw usageError(
    `${flag} is for files: standard input cannot be continued`,
    'Add --spool: a copy of it on disk can be.'
  )
}

function continuingFlag({
  resumable,
  connections,
  'resume-data': resumeData
}: UploadFlags): string | undefined {
  if (resumable === 'tus' || resumable === 'ietf') return `--resumable ${resumable}`
  if (connections !== undefined) return '--connections'
  return resumeData === undefined ? undefined : '--resume-data'
}
