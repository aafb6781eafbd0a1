import {hash, randomBytes} from 'node:crypto'
import {readdirSync, statSync, unlinkSync} from 'node:fs'
import {basename, join} from 'node:path'
import {isAlive, thisProcess} from './process-identity.ts'

const suffix = '.tmp'

// Writing takes milliseconds, whoever it is that writes.
const abandonedAfter = 3600 * 1000

/** Where a file is while it is half-written: beside it, under a name that says which process writes. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${ownHost()}-${randomBytes(8).toString('hex')}${suffix}`
}

/** Is this a name as temporaryName() gives them? */
export function isTemporary(name: string): boolean {
  return name.endsWith(suffix)
}

/** Removes what processes that were killed have left half-written in the folder. */
export function sweepTemporaries(folder: string): void {
  for (const name of namesIn(folder)) if (isTemporary(name)) removeAbandoned(join(folder, name))
}

/** Removes a half-written file, unless somebody may still be writing it. */
export function removeAbandoned(path: string): void {
  try {
    if (hasNoWriter(path) || Date.now() - statSync(path).mtimeMs > abandonedAfter) unlinkSync(path)
  } catch {
    // Another process was faster, or it is not ours.
  }
}

// Whether a process of another machine runs, nobody can tell here.
function hasNoWriter(path: string): boolean {
  const [pid = '', host] = basename(path).split('.').at(-2)?.split('-') ?? []
  return host === ownHost() && isAlive({pid: Number(pid), host: thisProcess().host}) === 'gone'
}

// A number of a process means nothing elsewhere.
function ownHost(): string {
  return hash('sha256', thisProcess().host).slice(0, 8)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
