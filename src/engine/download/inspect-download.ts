import {accessSync, constants, existsSync, lstatSync, statSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {DownloadOptions} from '../download-task.ts'
import {partialName, resumeDataName} from '../files/beside.ts'
import {writeFailure} from '../files/write-failure.ts'
import type {SessionKind} from '../session-configuration.ts'
import {TransferError} from '../transfer-error.ts'
import type {URLRequest} from '../url-request.ts'
import {chooseFileName} from './file-name.ts'
import {inspectDraft} from './inspect-draft.ts'
import type {DraftStanding} from './inspect-draft.ts'
import {destinationExists, policyOf, standingAt} from './target.ts'

/** A download that nobody has started. */
export interface PlannedDownload {
  readonly request: URLRequest
  readonly options: DownloadOptions
  readonly sessionKind: SessionKind
  /** The user's key for resume data. */
  readonly key: Uint8Array | undefined
}

/** What a download would find on disk; nothing of it is changed by looking. */
export interface DownloadInspection {
  readonly path: string
  /** guessed: the server may choose another name. */
  readonly name: 'given' | 'guessed'
  /** made: it is missing, and --create-dirs makes it. */
  readonly folder: 'ready' | 'made' | TransferError
  readonly target:
    | {readonly kind: 'absent' | 'stream'}
    /** skipped: it is enough as it is. */
    | {readonly kind: 'file'; readonly size: number; readonly fate: 'replaced' | 'kept' | 'skipped'}
    | {readonly kind: 'refused'; readonly error: TransferError}
  readonly draft: DraftStanding
  /** A partial file that no resume data tells of: it is left alone. */
  readonly strayPartial: string | undefined
}

/** Looks at target and resume data as a download does at its start, and leaves everything as it is. */
export async function inspectDownload(planned: PlannedDownload): Promise<DownloadInspection> {
  const {options, request} = planned
  const name = options.fileName ?? chooseFileName({contentDisposition: undefined, url: request.url})
  const path = join(options.directory, name)
  const resumeDataPath = options.resumeDataPath ?? join(dirname(path), resumeDataName(basename(path)))
  const draft = await inspectDraft(planned, {path, resumeDataPath})
  const partial = join(dirname(path), partialName(basename(path)))
  return {
    path,
    name: options.fileName === undefined && options.remoteHeaderName !== false ? 'guessed' : 'given',
    folder: folderAt(options),
    target: draft.kind === 'committed' ? fileOf(path, 'skipped') : targetAt(path, options),
    draft,
    strayPartial: !existsSync(resumeDataPath) && existsSync(partial) ? partial : undefined
  }
}

function folderAt({directory, createDirectories}: DownloadOptions): DownloadInspection['folder'] {
  const facts = statSync(directory, {throwIfNoEntry: false})
  if (!facts && createDirectories) return 'made'
  try {
    if (facts && !facts.isDirectory()) throw Object.assign(new Error('not a folder'), {code: 'ENOTDIR'})
    accessSync(directory, constants.W_OK | constants.X_OK)
    return 'ready'
  } catch (error) {
    return writeFailure(error, directory)
  }
}

function targetAt(path: string, options: DownloadOptions): DownloadInspection['target'] {
  try {
    const standing = standingAt(path)
    if (standing.kind !== 'file') return {kind: standing.kind}
    return fileWith(standing.facts, {path, options})
  } catch (error) {
    if (error instanceof TransferError) return {kind: 'refused', error}
    throw error
  }
}

function fileWith(
  {size}: Stats,
  {path, options}: {path: string; options: DownloadOptions}
): DownloadInspection['target'] {
  switch (policyOf(options)) {
    case 'fail':
      return {kind: 'refused', error: destinationExists(path)}
    case 'skip':
      return {kind: 'file', size, fate: 'skipped'}
    case 'rename':
      return {kind: 'file', size, fate: 'kept'}
    case 'verify':
    case 'replace':
      return {kind: 'file', size, fate: 'replaced'}
  }
}

function fileOf(path: string, fate: 'skipped'): DownloadInspection['target'] {
  return {kind: 'file', size: lstatSync(path).size, fate}
}
