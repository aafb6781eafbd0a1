import {createHash, randomBytes} from 'node:crypto'
import {open, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {makeFolder} from './make-folder.ts'

// Younger files may belong to somebody who is about to name them in the index.
const abandonedAfter = 3_600_000

/** Bodies of stored answers: one file each, for this user alone, under names that say nothing. */
export class CachedBodies {
  readonly #place: {readonly folder: string; readonly session: string}
  #known: string | undefined

  constructor(folder: string, session: string) {
    this.#place = {folder, session}
  }

  get folder(): string {
    const {folder, session} = this.#place
    // Names of sessions may hold what names of folders cannot.
    return (this.#known ??= join(folder, 'cache', digestOf(Buffer.from(session)).slice(0, 32)))
  }

  /** Writes a body beside its place and puts it there whole; the name it got. */
  async write(body: Uint8Array): Promise<string> {
    makeFolder(this.folder, 0o700)
    const name = randomBytes(16).toString('hex')
    const beside = join(this.folder, `${name}.tmp`)
    try {
      const file = await open(beside, 'wx', 0o600)
      try {
        await file.writeFile(body)
      } finally {
        await file.close()
      }
      await rename(beside, join(this.folder, name))
    } catch (error) {
      await rm(beside, {force: true}).catch(() => {})
      throw error
    }
    return name
  }

  /** The body of that name, unless it is gone or is not what was stored. */
  async read(name: string, sha256: string): Promise<Uint8Array | undefined> {
    const body = await readFile(join(this.folder, name)).catch(() => undefined)
    return body && digestOf(body) === sha256 ? body : undefined
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.folder, name), {force: true}).catch(() => {})
  }

  /** Is it time to look for what nobody names any more? Says so once an hour, to one of all processes. */
  async isDueForSweep(): Promise<boolean> {
    const mark = join(this.folder, '.swept')
    const facts = await stat(mark).catch(() => undefined)
    if (facts && Date.now() - facts.mtimeMs < abandonedAfter) return false
    await writeFile(mark, '', {mode: 0o600})
    return true
  }

  /** Removes what nobody names any more and is old enough to have been forgotten. */
  async sweep(named: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      if (named.has(name) || name === '.swept') continue
      const facts = await stat(join(this.folder, name)).catch(() => undefined)
      if (facts && Date.now() - facts.mtimeMs > abandonedAfter) await this.remove([name])
    }
  }

  async clear(): Promise<void> {
    await rm(this.folder, {recursive: true, force: true})
  }
}

export function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
