import {basename} from 'node:path'
import type {DownloadTask} from '../download-task.ts'
import {beside, partialName} from '../files/beside.ts'
import {PartialFile} from '../files/partial-file.ts'
import type {Checksum} from './checksum.ts'
import {FollowingDigest} from './digest.ts'

// Shorter files are hashed faster than a thread starts.
const followFrom = 4 * 1024 * 1024
const briefLimit = 64 * 1024

/**
 * May a body of so many bytes stay in memory until it is whole? Most short ones are within an instant; but a background
 * session, whose tasks go on by themselves after a crash, has every file of theirs named in resume data before it is made.
 */
export function mayBeBrief({session}: DownloadTask, total: number | undefined): boolean {
  return total !== undefined && total <= briefLimit && session.configuration.kind !== 'background'
}

/** The bytes of a download before its file has its name: in memory while they are few and fresh, else in the partial file. */
export class StagedBytes {
  /** Where the partial file is, unless somebody else has the name. */
  readonly path: string
  readonly #checksums: readonly Checksum[]
  #part: PartialFile | undefined
  #brief: Buffer[] | undefined
  /** Bytes from the start that are right whatever the place of writing. */
  #floor = 0
  #digest: FollowingDigest | undefined

  constructor(target: string, checksums: readonly Checksum[]) {
    this.path = beside(target, partialName)
    this.#checksums = checksums
  }

  get part(): PartialFile | undefined {
    return this.#part
  }

  /** Bytes from the start that are there. */
  get received(): number {
    const brief = this.#brief?.reduce((sum, piece) => sum + piece.length, 0)
    return brief ?? Math.max(this.#floor, this.#part?.position ?? 0)
  }

  /** Bytes from the start that are in the file; what is in memory does not count (R45). */
  get written(): number {
    return this.#brief ? 0 : this.received
  }

  /** Is the body short and still in memory only? */
  get isBrief(): boolean {
    return this.#brief !== undefined
  }

  /** Goes on with a file of before. */
  adopt(part: PartialFile | undefined): void {
    this.#part = part
  }

  /** Forgets every byte; the next ones are kept in memory. */
  beginInMemory(): void {
    this.#brief = []
  }

  /** Forgets every byte, in memory as on disk. */
  async clear(): Promise<void> {
    this.#floor = 0
    this.#brief = undefined
    await this.#digest?.close()
    this.#digest = undefined
  }

  /** The next bytes are those of the start once more, of the same version: what is there stays right. */
  rewind(offset: number): void {
    this.#floor = this.received
    if (this.#part) this.#part.position = offset
  }

  /** Makes the file, and puts there what was in memory. other: its name was taken, it has another one. */
  toFile(): 'usual' | 'other' {
    this.#part ??= PartialFile.create(this.path)
    const pieces = this.#brief ?? []
    this.#brief = undefined
    for (const piece of pieces) this.#part.write(piece)
    return this.#part.path === this.path || basename(this.#part.path) === basename(this.path)
      ? 'usual'
      : 'other'
  }

  /** Reserves the final size and hashes along, where that is worth a thread. */
  expect(total: number | undefined): void {
    if (!this.#part) return
    if (total !== undefined) this.#part.extend(total)
    if (this.#checksums.length === 0 || this.#digest || (total ?? Infinity) < followFrom) return
    this.#digest = new FollowingDigest(
      this.#part.path,
      this.#checksums.map(({algorithm}) => algorithm)
    )
    this.#digest.advance(this.received)
  }

  write(view: Uint8Array): void {
    if (this.#brief) this.#brief.push(Buffer.from(view))
    else this.#part?.write(view)
    this.#digest?.advance(this.received)
  }

  /** The whole body in one view: straight into its file, which gets its name in a moment. */
  writeAtOnce(view: Uint8Array): void {
    this.#brief = undefined
    this.toFile()
    this.#part?.write(view)
  }

  /** The digests of a file hashed along, in the order of the checksums; undefined: hash it now. */
  async digests(): Promise<readonly string[] | undefined> {
    return this.#digest?.finish()
  }

  /** Removes everything. */
  discard(): void {
    this.#part?.remove()
    this.#part = undefined
    this.#brief = undefined
  }

  async close(): Promise<void> {
    await this.#digest?.close()
    this.#part?.close()
  }
}
