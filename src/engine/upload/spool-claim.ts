import {readFileSync, readdirSync, unlinkSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {TargetLock} from '../files/target-lock.ts'
import {onDisk} from '../files/write-failure.ts'
import {makeFolder} from '../storage/make-folder.ts'

/** Says that a process looks after a copy of a stream. */
export interface SpoolClaim {
  /** Somebody else looks after it now, such as resume data that names it; or it is gone. */
  release(): void
}

/** Claims a copy for this process, also one that is yet to be made. Rejects with BUSY, WRITE_FAILED or NO_SPACE. */
export async function claimSpool(path: string): Promise<SpoolClaim> {
  await onDisk(path, () => makeFolder(dirname(path), 0o700))
  return TargetLock.acquire(path)
}

const claimName = /^(spool-[0-9a-f]{32})\.lock$/

/**
 * Removes the copies in a folder whose process ended without a word, as after kill -9, and that no resume data there
 * names. A copy that nobody claims belongs to resume data, wherever that is, and stays. Never rejects.
 */
export async function sweepSpools(folder: string): Promise<void> {
  const names = namesIn(folder)
  const claimed = names.flatMap(name => claimName.exec(name)?.[1] ?? [])
  for (const name of claimed) {
    const path = join(folder, name)
    // Whoever is still there has it.
    const claim = await TargetLock.acquire(path).catch(() => undefined)
    if (claim && !isNamed(folder, name)) removeQuietly(path)
    claim?.release()
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

// The process may have ended between the writing of resume data and its letting go. Damaged ones count, too.
function isNamed(folder: string, name: string): boolean {
  return namesIn(folder).some(other => {
    if (!other.endsWith('.ferry')) return false
    try {
      return readFileSync(join(folder, other), 'utf8').includes(name)
    } catch {
      return true
    }
  })
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was never made, or is gone.
  }
}
