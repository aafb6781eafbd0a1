import {accessSync, constants, lstatSync, statSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {join} from 'node:path'
import type {DownloadOptions, DownloadTask, IfExists} from '../download-task.ts'
import {writeFailure} from '../files/write-failure.ts'
import {makeFolder} from '../storage/make-folder.ts'
import {TransferError} from '../transfer-error.ts'
import type {Checksum} from './checksum.ts'
import {digestFile} from './digest.ts'

/** What stands under a target's name. stream: a FIFO or device, written to as it is. */
export type Standing =
  {readonly kind: 'absent'} | {readonly kind: 'file'; readonly facts: Stats} | {readonly kind: 'stream'}

/** Where a file goes. wanted: the name it would have if nothing were there. */
export interface Place {
  readonly path: string
  readonly wanted: string
  readonly existing: 'replace' | 'keep'
}

/** What to do with a target: go on under this path, or be done without a transfer. */
export type TargetDecision =
  | ({readonly kind: 'write'} & Place)
  | {readonly kind: 'stream'; readonly path: string}
  | {readonly kind: 'done'; readonly path: string; readonly note: 'alreadyComplete' | 'skipped'}

/** Makes sure that the folder can take a file, before anybody is asked for one. */
export function prepareFolder({directory, createDirectories}: DownloadOptions): void {
  try {
    if (createDirectories) makeFolder(directory)
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('not a folder'), {code: 'ENOTDIR'})
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeFailure(error, directory)
  }
}

/** Looks without following links. Throws for what must not be written through or over. */
export function standingAt(path: string, facts: Stats | undefined = factsOf(path)): Standing {
  if (!facts) return {kind: 'absent'}
  if (facts.isDirectory()) throw new TransferError('WRITE_FAILED', `Cannot write ${path}: it is a folder`)
  if (facts.isSymbolicLink()) return standingBehindLink(path)
  return facts.isFile() ? {kind: 'file', facts} : {kind: 'stream'}
}

/** What the name itself stands for; undefined: nothing. */
export function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, {throwIfNoEntry: false})
  } catch (error) {
    throw writeFailure(error, path)
  }
}

// /dev/stdout is a link to a terminal or pipe and meant to be followed; a link to a file may be a trap.
function standingBehindLink(path: string): Standing {
  const behind = statSync(path, {throwIfNoEntry: false})
  if (behind && !behind.isFile() && !behind.isDirectory()) return {kind: 'stream'}
  // What this process was given is its own, whatever it is.
  if (behind?.isFile() && /^\/dev\/(stdout|stderr|fd\/\d+)$/.test(path)) return {kind: 'stream'}
  throw new TransferError('REFUSED', `${path} is a symbolic link, which is not written through`, {
    hint: 'Name the file the link points to with -o.'
  })
}

/** Applies --if-exists to what was found under the name. A file that is there and has the right checksum is always enough: no byte is fetched. */
export async function decideTarget(
  path: string,
  {options, id, session}: DownloadTask,
  facts: Stats | 'absent'
): Promise<TargetDecision> {
  const policy = policyOf(options)
  const standing: Standing = facts === 'absent' ? {kind: 'absent'} : standingAt(path, facts)
  if (standing.kind === 'stream') return {kind: 'stream', path}
  const replacing = {kind: 'write', path, wanted: path, existing: 'replace'} as const
  const keeping = {...replacing, existing: 'keep'} as const
  if (standing.kind === 'absent' && policy !== 'rename')
    return policy === 'replace' || policy === 'verify' ? replacing : keeping
  const checksums = options.checksums ?? []
  if (standing.kind === 'file' && checksums.length > 0 && (await hasChecksums(path, checksums)))
    return {kind: 'done', path, note: 'alreadyComplete'}
  switch (policy) {
    case 'skip':
      return {kind: 'done', path, note: 'skipped'}
    case 'fail':
      throw destinationExists(path)
    case 'rename':
      return {...keeping, path: session.folders.reserve(path, id)}
    case 'verify':
    case 'replace':
      return replacing
  }
}

/** What to do with a file that is there. */
export function policyOf({ifExists, fileName}: DownloadOptions): IfExists {
  return ifExists ?? (fileName === undefined ? 'fail' : 'replace')
}

/** The refusal to touch a file that is there. */
export function destinationExists(path: string): TransferError {
  return new TransferError('DESTINATION_EXISTS', `${path} exists already`, {
    hint: 'Choose with --if-exists replace, rename, skip or verify, or name another file with -o.'
  })
}

/** The first of F, F.1, F.2 ... that nobody has, and that is not refused for another reason. */
export function freeName(path: string, isTaken: (candidate: string) => boolean = () => false): string {
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? path : `${path}.${number}`
    if (!isTaken(candidate) && lstatSync(candidate, {throwIfNoEntry: false}) === undefined) return candidate
  }
}

/** Does a file have all of these digests? Reads it once; rejects with the error of the file system. */
export async function hasChecksums(path: string, checksums: readonly Checksum[]): Promise<boolean> {
  const digests = await digestFile(
    path,
    checksums.map(({algorithm}) => algorithm)
  )
  return checksums.every(({value}, index) => digests[index] === value)
}

export function targetPath(directory: string, name: string): string {
  return join(directory, name)
}
