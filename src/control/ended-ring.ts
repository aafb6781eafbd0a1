import {randomBytes} from 'node:crypto'
import {readdir, unlink} from 'node:fs/promises'
import {join} from 'node:path'
import type {IndexEntry} from './index-entry.ts'
import {ensurePrivateFolder, inspectPrivateFolder} from './places.ts'
import {readSmallFile, replacePrivateFile} from './private-file.ts'
import {isTemporary, removeAbandoned} from './temporary-file.ts'

/** How many ended tasks are kept, over all processes. */
export const keptEnds = 200

const largestFile = 16 * 1024 * 1024

interface RingFile {
  readonly path: string
  readonly name: string
  readonly count: number
}

/**
 * How the newest tasks ended. One file for each process that had something to tell: no two ever write the same file,
 * so no lock is needed; its name holds the time and the number of tasks, so making room reads nothing.
 */
export class EndedRing {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async add(entries: readonly IndexEntry[]): Promise<void> {
    const newest = entries.slice(-keptEnds)
    if (newest.length === 0) return
    await ensurePrivateFolder(this.#folder)
    const name = `${String(Date.now()).padStart(15, '0')}-${newest.length}-${randomBytes(4).toString('hex')}.json`
    await replacePrivateFile(join(this.#folder, name), JSON.stringify(newest))
    await this.#makeRoom()
  }

  async read(): Promise<{entries: IndexEntry[]; unreadable: string[]}> {
    const entries: IndexEntry[] = []
    const unreadable: string[] = []
    for (const {path} of await this.#files()) {
      const found = await readRingFile(path).catch(() => undefined)
      if (found) entries.unshift(...found)
      else unreadable.push(path)
    }
    return {entries: entries.slice(-keptEnds), unreadable}
  }

  // The file that straddles the limit stays; read() cuts it.
  async #makeRoom(): Promise<void> {
    let kept = 0
    for (const {path, count} of await this.#files()) {
      if (kept >= keptEnds) await unlink(path).catch(() => {})
      kept += count
    }
  }

  async #files(): Promise<RingFile[]> {
    if ((await inspectPrivateFolder(this.#folder)) === 'missing') return []
    const files: RingFile[] = []
    for (const name of await readdir(this.#folder)) {
      if (isTemporary(name)) removeAbandoned(join(this.#folder, name))
      const count = /^\d{15}-(\d{1,4})-[0-9a-f]{8}\.json$/.exec(name)?.[1]
      if (count) files.push({path: join(this.#folder, name), name, count: Number(count)})
    }
    return files.toSorted((a, b) => (a.name < b.name ? 1 : -1))
  }
}

async function readRingFile(path: string): Promise<IndexEntry[]> {
  const text = await readSmallFile(path, largestFile)
  if (text === undefined) return []
  const {parse} = await import('valibot')
  const {indexEntries} = await import('./schemas.ts')
  return parse(indexEntries, JSON.parse(text))
}
