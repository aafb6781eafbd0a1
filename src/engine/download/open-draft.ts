import {existsSync, lstatSync, unlinkSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {DownloadTask} from '../download-task.ts'
import {resumeDataName} from '../files/beside.ts'
import {TargetLock} from '../files/target-lock.ts'
import {readDownloadResumeData} from '../resume-data.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import {hasHeader, headerValue} from '../url-request.ts'
import type {URLRequest, URLResponse} from '../url-request.ts'
import {Draft} from './draft.ts'
import {chooseFileName} from './file-name.ts'
import {decideTarget, factsOf, targetPath} from './target.ts'
import type {Place, TargetDecision} from './target.ts'

/**
 * How sure the name is. guessed: the server may choose another one. refused: it may, and has to, because there is a file
 * under the guessed one.
 */
type NameStanding = 'final' | 'guessed' | 'refused'

/** What there is before the first request. */
export type Opening =
  | {readonly kind: 'draft'; readonly draft: Draft; readonly name: NameStanding}
  | Exclude<TargetDecision, {kind: 'write'}>

/**
 * Looks at the target before anybody is asked for anything, and takes up what an earlier task left. A name that the
 * server may still change is only guessed.
 */
export async function openDraft(task: DownloadTask): Promise<Opening> {
  const {options, originalRequest} = task
  task.session.folders.prepare(options)
  const guessed = options.fileName === undefined && options.remoteHeaderName !== false
  const name = options.fileName ?? chooseFileName({contentDisposition: undefined, url: originalRequest.url})
  const path = targetPath(options.directory, name)
  const facts = factsOf(path) ?? 'absent'
  const recovered = await recoverCommit(task, path, facts)
  if (recovered) return recovered
  let standing: NameStanding = guessed ? 'guessed' : 'final'
  const decision = await decideTarget(path, task, facts).catch((error: unknown) => {
    if (task.continues) assertUnused(task, path)
    // Under the server's name there may be no such conflict.
    if (!guessed) throw error
    standing = 'refused'
    return {kind: 'write', path, wanted: path, existing: 'keep'} as const
  })
  if (decision.kind !== 'write') return decision
  return {kind: 'draft', draft: await takeUp(task, decision), name: standing}
}

/** The draft under the name the answer settles; the same one when the guess was right. */
export async function settleName(
  {draft, name: standing}: {draft: Draft; name: NameStanding},
  response: URLResponse
): Promise<Opening> {
  const {task} = draft
  const contentDisposition = headerValue(response.headers, 'content-disposition')
  if (contentDisposition === undefined && standing === 'guessed') return {kind: 'draft', draft, name: 'final'}
  const name = chooseFileName({contentDisposition, url: task.originalRequest.url})
  const path = targetPath(task.options.directory, name)
  const facts = factsOf(path) ?? 'absent'
  const recovered = await recoverCommit(task, path, facts)
  if (recovered) return recovered
  const decision = await decideTarget(path, task, facts)
  if (decision.kind !== 'write') return decision
  const isSame = decision.path === draft.path
  return {kind: 'draft', draft: isSame ? draft : await takeUp(task, decision), name: 'final'}
}

async function takeUp(task: DownloadTask, place: Place): Promise<Draft> {
  const draft = new Draft(task, place)
  draft.assertFree()
  if (!existsSync(draft.sidecar.path)) {
    if (task.continues) throw usedAlready(draft.sidecar.path)
    return draft
  }
  if (draft.sidecar.keeping === 'nothing' || !mayContinue(task)) return draft
  await draft.lock()
  try {
    // Until this moment somebody else may have had the right to it, and used it up.
    if (existsSync(draft.sidecar.path)) await adopt(draft)
    else if (task.continues) throw usedAlready(draft.sidecar.path)
  } catch (error) {
    await draft.close()
    throw error
  }
  return draft
}

// The file that is in the way may be what another run made of the same resume data.
function assertUnused(task: DownloadTask, path: string): void {
  const draft = new Draft(task, {path, wanted: path, existing: 'keep'})
  draft.assertFree()
  if (!existsSync(draft.sidecar.path)) throw usedAlready(draft.sidecar.path)
}

function usedAlready(path: string): TransferError {
  return new TransferError('RESUME_DATA_INVALID', `The resume data ${path} was used already`)
}

// A range chosen by hand and decoded content are not the representation that a part could belong to.
function mayContinue({originalRequest, options}: DownloadTask): boolean {
  const isPiece = hasHeader(originalRequest.headers, 'range')
  return originalRequest.method === 'GET' && !isPiece && !options.decode
}

async function adopt(draft: Draft): Promise<void> {
  const {task} = draft
  const resumeDataPath = draft.sidecar.path
  const {data, origin} = await readDownloadResumeData(
    resumeDataPath,
    task.session.environment.resumeDataKey?.()
  ).catch((error: unknown) => {
    throw unusableDraft(error, resumeDataPath)
  })
  if (origin === 'foreign' && !task.continues) throw foreignDraft(resumeDataPath)
  if (!task.continues && !isSameResource(data, task.originalRequest)) return draft.reuse(data)
  if (draft.adopt(data)) return
  task.restarted = data.bytesReceived > 0
  task.restartReason = 'The partial file is not what it was'
  if (task.restarted && task.options.restarting === 'refuse') {
    throw new TransferError('RESOURCE_CHANGED', `${task.restartReason}, and starting again is forbidden`)
  }
  draft.reuse(data)
}

/** Is it of the address that is asked for, whoever asks? */
export function isSameResource(data: DownloadResumeData, request: URLRequest): boolean {
  const asked = new URL(request.url)
  asked.username = ''
  asked.password = ''
  asked.hash = ''
  return data.originalRequest.url === asked.href
}

/** The refusal of what is damaged, or of a newer version: nothing continues it, and it is not ours to remove. */
export function unusableDraft(error: unknown, path: string): TransferError {
  const message = error instanceof Error ? error.message : String(error)
  return new TransferError('RESUME_DATA_INVALID', message, {
    hint: `Remove ${basename(path)} and its partial file to start again, or pass them by with --no-resume.`,
    cause: error
  })
}

/** The refusal of resume data that this user's key did not sign. */
export function foreignDraft(path: string): TransferError {
  return new TransferError('RESUME_DATA_INVALID', `The resume data ${path} was not made by this user here`, {
    hint: `Continue it with "ferry resume --trust-resume-data ${path}", or remove it and its partial file to start again.`
  })
}

// A crash between the rename and the end: the file is there and whole, only the tidying is left. That is for whoever has the
// right to write the target: one that is still at it flushes the folder before it removes anything.
async function recoverCommit(
  task: DownloadTask,
  path: string,
  facts: Stats | 'absent'
): Promise<Opening | undefined> {
  if (facts === 'absent' || !facts.isFile()) return undefined
  await TargetLock.sweep(path)
  if (!(await committedPart(task, {path, facts}))) return undefined
  const lock = await TargetLock.acquire(path)
  try {
    const part = await committedPart(task, {path, facts})
    if (part !== undefined) tidyCommitted(task, {path, part, inode: facts.ino})
  } finally {
    lock.release()
  }
  return {kind: 'done', path, note: 'alreadyComplete'}
}

/** Which partial file has become this one, as resume data says whose writer had nothing left to do but to tidy up. */
async function committedPart(
  task: DownloadTask,
  {path, facts}: {path: string; facts: Stats}
): Promise<string | undefined> {
  const resumeDataPath = resumeDataPathOf(task, path)
  if (!existsSync(resumeDataPath)) return undefined
  const key = task.session.environment.resumeDataKey?.()
  const read = await readDownloadResumeData(resumeDataPath, key).catch(() => undefined)
  if (read?.data.state !== 'committing') return undefined
  const {inode, device, name} = read.data.partial
  if (inode !== facts.ino || device !== facts.dev) return undefined
  const isWanted = task.continues !== undefined || isSameResource(read.data, task.originalRequest)
  return isWanted ? join(dirname(path), name) : undefined
}

function tidyCommitted(
  task: DownloadTask,
  {path, part, inode}: {path: string; part: string; inode: number}
): void {
  if (lstatSync(part, {throwIfNoEntry: false})?.ino === inode) unlinkSync(part)
  unlinkSync(resumeDataPathOf(task, path))
  task.session.environment.didUpdateResumeData?.(task, undefined)
}

function resumeDataPathOf({options}: DownloadTask, path: string): string {
  return options.resumeDataPath ?? join(dirname(path), resumeDataName(basename(path)))
}
