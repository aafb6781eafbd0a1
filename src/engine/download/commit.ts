import {constants, linkSync, openSync, closeSync, renameSync, statSync, unlinkSync} from 'node:fs'
import {dirname} from 'node:path'
import {parseHttpDate} from '../fields/http-date.ts'
import {LastFailure} from '../exchange/persist.ts'
import type {PartialFile} from '../files/partial-file.ts'
import {onDisk, writeFailure} from '../files/write-failure.ts'
import {TransferError} from '../transfer-error.ts'
import {digestFile} from './digest.ts'
import type {Draft} from './draft.ts'
import {destinationExists} from './target.ts'

const setUserOrGroup = 0o7000
// What file systems answer that know no hard links.
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Gives a whole draft its name: proved, mode and time set, flushed, renamed, folder flushed, resume data
 * removed. Resolves to the final path. Before the rename nothing is visible under it; after it, nothing can fail.
 */
export async function commit(draft: Draft, part: PartialFile): Promise<string> {
  const {task} = draft
  await verify(draft, part)
  assertNotStopped(draft)
  part.setMode(modeFor(draft))
  setTime(draft, part)
  const folder = dirname(draft.path)
  const flushes = task.options.flush !== 'never' && !task.session.folders.isVolatile(folder)
  // Not beside a checkpoint's flush: of two at once the system tells only one that bytes were lost.
  await draft.rest()
  // Resume data never claims a byte that is not flushed: the tail alone is hashed when it is used.
  if (flushes) await part.flush('everything')
  if (draft.sidecar.content !== 'none') await draft.record('committing', draft.received)
  const path = await place(draft, part)
  part.close()
  if (flushes) await onDisk(path, () => task.session.folders.flush(folder))
  draft.sidecar.remove()
  return path
}

// Until the rename a pause or cancel wins; from then on the task has finished (T9 before T6).
function assertNotStopped({task}: Draft): void {
  if (task.isStopped) throw new TransferError('CANCELLED', 'The task was stopped')
}

async function verify(draft: Draft, part: PartialFile): Promise<void> {
  const checksums = draft.task.options.checksums ?? []
  if (checksums.length === 0) return
  const algorithms = checksums.map(({algorithm}) => algorithm)
  const digests = (await draft.staged.digests()) ?? (await digestFile(part.path, algorithms))
  const wrong = checksums.findIndex(({value}, index) => digests[index] !== value)
  if (wrong >= 0) {
    throw new TransferError(
      'CHECKSUM_MISMATCH',
      `The ${algorithms[wrong]} checksum is ${digests[wrong]}, not ${checksums[wrong]?.value}`,
      {url: draft.task.originalRequest.url, method: 'GET'}
    )
  }
  const strongest = checksums.length - 1
  draft.task.checksum = `${algorithms[strongest]}:${digests[strongest]}`
}

function modeFor({task, path, place: {existing}}: Draft): number {
  const replaced = existing === 'replace' ? statSync(path, {throwIfNoEntry: false}) : undefined
  if (replaced && replaced.uid === process.getuid?.()) return replaced.mode & 0o777 & ~setUserOrGroup
  return task.session.folders.newFileMode
}

function setTime({task, representation}: Draft, part: PartialFile): void {
  if (!task.options.remoteTime) return
  const time = parseHttpDate(representation.validators.lastModified ?? '')
  // Times before 1970 and in the future say more about the server's clock than about the file.
  if (time !== undefined && time >= 0 && time <= Date.now() + 24 * 3600 * 1000) part.setModified(time)
}

async function place(draft: Draft, part: PartialFile): Promise<string> {
  try {
    if (draft.place.existing !== 'replace') return await placeWithoutReplacing(draft, part)
    await announce(draft, part, draft.path)
    renameSync(part.path, draft.path)
    return draft.path
  } catch (error) {
    throw error instanceof LastFailure ? error : writeFailure(error, draft.path)
  }
}

// A link fails where a rename would replace: the only way to be sure that nobody else's file is lost.
async function placeWithoutReplacing(draft: Draft, part: PartialFile): Promise<string> {
  const {folders} = draft.task.session
  for (let path = draft.path; ; path = folders.reserve(draft.place.wanted, draft.task.id)) {
    await announce(draft, part, path)
    try {
      claimName(part, path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (draft.task.options.ifExists !== 'rename') throw destinationExists(path)
    }
  }
}

/** Lets whoever keeps a journal write down what is about to happen; that it cannot be written down is no reason to try again. */
async function announce(draft: Draft, part: PartialFile, path: string): Promise<void> {
  assertNotStopped(draft)
  const {willPlaceFile} = draft.task.session.environment
  if (!willPlaceFile) return
  try {
    await willPlaceFile(draft.task, {path, ...part.identity(), size: draft.received})
  } catch (error) {
    if (error instanceof TransferError) throw new LastFailure(error)
    throw new LastFailure(
      new TransferError('WRITE_FAILED', `What was to become ${path} could not be written down`, {
        cause: error
      })
    )
  }
  assertNotStopped(draft)
}

function claimName(part: PartialFile, path: string): void {
  try {
    linkSync(part.path, path)
  } catch (error) {
    if (!noLinks.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600))
    return renameSync(part.path, path)
  }
  // Both names are one file now, which nobody may write any more.
  part.close()
  unlinkSync(part.path)
}
