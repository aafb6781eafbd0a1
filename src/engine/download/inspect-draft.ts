import {existsSync, lstatSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {parseAcceptRanges} from '../fields/accept-ranges.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import {PartialFile} from '../files/partial-file.ts'
import {TargetLock} from '../files/target-lock.ts'
import {readDownloadResumeData} from '../resume-data.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'
import type {ReadResumeData} from '../resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import type {PlannedDownload} from './inspect-download.ts'
import {foreignDraft, isSameResource, unusableDraft} from './open-draft.ts'
import {recordedRepresentation} from './representation.ts'
import {hasHeader} from '../url-request.ts'

/** Why what an earlier run left would not be continued although nothing forbids the download. */
export type RestartReason =
  | 'anotherAddress'
  | 'nothingReceived'
  | 'partialMissing'
  | 'partialShort'
  | 'partialChanged'
  | 'partialNotOwn'
  | 'noStrongValidator'
  | 'noRanges'

/** Why it would not even be looked at. */
export type BypassReason = 'ephemeral' | 'switchedOff' | 'method' | 'piece' | 'decoded'

/** What would become of what an earlier run left beside the target. */
export type DraftStanding =
  | {readonly kind: 'none'}
  | {readonly kind: 'continues'; readonly data: DownloadResumeData}
  /** The file has its name already; only the tidying is left. */
  | {readonly kind: 'committed'; readonly data: DownloadResumeData}
  | {readonly kind: 'restarts'; readonly reason: RestartReason; readonly data: DownloadResumeData}
  | {readonly kind: 'bypassed'; readonly reason: BypassReason; readonly path: string}
  /** Neither continued nor begun anew. */
  | {readonly kind: 'refused'; readonly error: TransferError}

interface DraftPlace {
  readonly path: string
  readonly resumeDataPath: string
}

/** Judges resume data as the start of a download does, in the same order, without touching anything. */
export async function inspectDraft(
  planned: PlannedDownload,
  {path, resumeDataPath}: DraftPlace
): Promise<DraftStanding> {
  try {
    TargetLock.assertFree(path)
    if (!existsSync(resumeDataPath)) return {kind: 'none'}
    const reason = bypassReason(planned)
    if (reason) return {kind: 'bypassed', reason, path: resumeDataPath}
    const read = await readDownloadResumeData(resumeDataPath, planned.key).catch((error: unknown) => {
      throw unusableDraft(error, resumeDataPath)
    })
    if (isCommitted(path, read) && isSameResource(read.data, planned.request))
      return {kind: 'committed', data: read.data}
    if (read.origin === 'foreign') throw foreignDraft(resumeDataPath)
    return judge(read.data, {planned, path})
  } catch (error) {
    if (error instanceof TransferError) return {kind: 'refused', error}
    throw error
  }
}

function bypassReason({request, options, sessionKind}: PlannedDownload): BypassReason | undefined {
  if (options.resuming === 'never') return 'switchedOff'
  if (sessionKind === 'ephemeral' && options.resumeDataPath === undefined) return 'ephemeral'
  if (request.method !== 'GET') return 'method'
  if (hasHeader(request.headers, 'range')) return 'piece'
  return options.decode ? 'decoded' : undefined
}

function isCommitted(path: string, {data}: ReadResumeData<DownloadResumeData>): boolean {
  const facts = lstatSync(path, {throwIfNoEntry: false})
  const {inode, device} = data.partial
  return (
    data.state === 'committing' && facts?.isFile() === true && facts.ino === inode && facts.dev === device
  )
}

function judge(
  data: DownloadResumeData,
  {planned, path}: {planned: PlannedDownload; path: string}
): DraftStanding {
  const reason = isSameResource(data, planned.request) ? restartReason(data, path) : 'anotherAddress'
  if (!reason) return {kind: 'continues', data}
  const isLost = reason !== 'anotherAddress' && reason !== 'nothingReceived'
  if (isLost && planned.options.restarting === 'refuse') {
    throw new TransferError('RESOURCE_CHANGED', 'The rest no longer fits, and starting again is forbidden')
  }
  return {kind: 'restarts', reason, data}
}

function restartReason(data: DownloadResumeData, path: string): RestartReason | undefined {
  if (data.bytesReceived === 0) return 'nothingReceived'
  const found = PartialFile.examine(join(dirname(path), data.partial.name), {
    length: data.bytesReceived,
    tail: data.tail
  })
  if (found !== 'same') return partialReasons[found]
  const {validators, acceptRanges} = recordedRepresentation(data)
  if (!hasStrongValidator(validators)) return 'noStrongValidator'
  return parseAcceptRanges(acceptRanges ?? '') === 'none' ? 'noRanges' : undefined
}

const partialReasons = {
  missing: 'partialMissing',
  short: 'partialShort',
  changed: 'partialChanged',
  notOwn: 'partialNotOwn'
} as const
