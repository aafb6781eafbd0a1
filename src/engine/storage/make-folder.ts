import {mkdirSync, statSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Makes a folder, and those above it that are missing; nothing where it is there. Node's recursive way never ends where a
 * folder takes no other (/proc), which says that the folder itself is not there. Throws the system's error.
 */
export function makeFolder(path: string, mode = 0o777): void {
  const missing = attempt(path, mode)
  if (!missing) return
  if (dirname(path) === path) throw missing
  makeFolder(dirname(path), mode)
  const refused = attempt(path, mode)
  if (refused) throw refused
}

/** Returns the error where a folder above may be missing. */
function attempt(path: string, mode: number): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(path, {mode})
    return undefined
  } catch (error) {
    if (isFolder(path)) return undefined
    const known = error as NodeJS.ErrnoException
    if (known.code !== 'ENOENT') throw known
    return known
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
