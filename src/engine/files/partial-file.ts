import {createHash, randomBytes} from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync
} from 'node:fs'
import type {Stats} from 'node:fs'
import {promisify} from 'node:util'
import {writeFailure} from './write-failure.ts'

const {O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR} = constants
const tailLength = 65536
const flushData = promisify(fdatasync)
const flushAll = promisify(fsync)

/** What identifies bytes at the end of a stretch. */
export interface Tail {
  readonly length: number
  readonly sha256: string
}

/**
 * The bytes received, beside their target (security 6.1, 6.5). Writes are positional and synchronous: the view they
 * come in belongs to somebody else. Errors are WRITE_FAILED or NO_SPACE.
 */
export class PartialFile {
  readonly path: string
  readonly #file: number
  #closed = false
  #extended = 0
  // What a failed flush has lost stays lost: the system forgets the error once it was told.
  #lost: unknown
  /** Bytes from the start that were written. */
  position = 0

  private constructor(path: string, file: number) {
    this.path = path
    this.#file = file
  }

  /** Makes a new file that nobody had before, under the name or, where that is taken, under one nobody can guess. */
  static create(path: string): PartialFile {
    try {
      return new PartialFile(path, openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeFailure(error, path)
    }
    const other = `${path}-${randomBytes(8).toString('hex')}`
    try {
      return new PartialFile(other, openSync(other, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600))
    } catch (error) {
      throw writeFailure(error, other)
    }
  }

  /**
   * Opens one of before, if it is what its resume data says: a regular file of ours with one name, long enough, and
   * with the same bytes at the end of the stretch. Everything beyond the stretch is cut off (D3).
   */
  static reopen(path: string, {length, tail}: {length: number; tail: Tail}): PartialFile | undefined {
    const file = openOwn(path)
    if (file === undefined) return undefined
    const partial = new PartialFile(path, file)
    const isSame = fstatSync(file).size >= length && sameTail(partial.tail(length), tail)
    if (!isSame) {
      partial.close()
      return undefined
    }
    partial.truncate(length)
    return partial
  }

  /** What reopen would find, looked at only. */
  static examine(
    path: string,
    {length, tail}: {length: number; tail: Tail}
  ): 'same' | 'missing' | 'notOwn' | 'short' | 'changed' {
    const facts = lstatSync(path, {throwIfNoEntry: false})
    if (!facts) return 'missing'
    if (!isOwnPlainFile(facts)) return 'notOwn'
    if (facts.size < length) return 'short'
    const partial = new PartialFile(path, openSync(path, O_NOFOLLOW | O_RDONLY))
    try {
      return sameTail(partial.tail(length), tail) ? 'same' : 'changed'
    } finally {
      partial.close()
    }
  }

  /** Opens one of before to write over it, if it is the very file that was recorded (inode 0: not recorded yet). */
  static takeOver(path: string, {device, inode}: {device: number; inode: number}): PartialFile | undefined {
    const file = openOwn(path)
    if (file === undefined) return undefined
    const partial = new PartialFile(path, file)
    const own = partial.identity()
    if (inode === 0 || (own.inode === inode && own.device === device)) return partial
    partial.close()
    return undefined
  }

  /** The file's identity, so that nothing else is ever removed in its place. */
  identity(): {device: number; inode: number} {
    const {dev, ino} = fstatSync(this.#file)
    return {device: dev, inode: ino}
  }

  write(view: Uint8Array): void {
    let done = 0
    try {
      while (done < view.length)
        done += writeSync(this.#file, view, done, view.length - done, this.position + done)
    } catch (error) {
      this.position += done
      throw writeFailure(error, this.path)
    }
    this.position += done
  }

  /** Cuts the file and goes on writing there. */
  truncate(length: number): void {
    try {
      ftruncateSync(this.#file, length)
    } catch (error) {
      throw writeFailure(error, this.path)
    }
    this.position = length
  }

  /** Cuts off what was reserved beyond the end, if anything was. */
  finishAt(length: number): void {
    if (this.#extended > length) this.truncate(length)
    else this.position = length
  }

  /** Gives the file its final size as a hole, without moving the place of writing. */
  extend(length: number): void {
    try {
      if (length <= this.position) return
      ftruncateSync(this.#file, length)
      this.#extended = length
    } catch (error) {
      throw writeFailure(error, this.path)
    }
  }

  async flush(what: 'data' | 'everything'): Promise<void> {
    if (this.#lost) throw this.#lost
    try {
      await (what === 'data' ? flushData(this.#file) : flushAll(this.#file))
    } catch (error) {
      const {code = ''} = error as NodeJS.ErrnoException
      if (['EINVAL', 'ENOTSUP', 'ENOTTY'].includes(code)) return
      this.#lost = writeFailure(error, this.path)
      throw this.#lost
    }
  }

  /** The last bytes before a length, hashed. */
  tail(length: number): Tail {
    const size = Math.min(tailLength, length)
    const buffer = Buffer.allocUnsafe(size)
    let read = 0
    while (read < size) {
      const count = readSync(this.#file, buffer, read, size - read, length - size + read)
      if (count === 0) break
      read += count
    }
    return {length: read, sha256: createHash('sha256').update(buffer.subarray(0, read)).digest('hex')}
  }

  setMode(mode: number): void {
    fchmodSync(this.#file, mode)
  }

  setModified(time: number): void {
    futimesSync(this.#file, Date.now() / 1000, time / 1000)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#file)
  }

  /** Removes the file, but only this one: the name may belong to somebody else by now. */
  remove(): void {
    const own = this.#closed ? undefined : this.identity()
    this.close()
    try {
      const found = lstatSync(this.path)
      if (own && (found.ino !== own.inode || found.dev !== own.device)) return
      unlinkSync(this.path)
    } catch {
      // It is gone already.
    }
  }
}

function openOwn(path: string): number | undefined {
  let file: number
  try {
    if (!isOwnPlainFile(lstatSync(path))) return undefined
    file = openSync(path, O_NOFOLLOW | O_RDWR)
  } catch (error) {
    // A disk that fails now may give the bytes back later; a new file would leave them behind.
    if (!['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw writeFailure(error, path)
    return undefined
  }
  if (isOwnPlainFile(fstatSync(file))) return file
  closeSync(file)
  return undefined
}

function isOwnPlainFile(facts: Stats): boolean {
  return (
    facts.isFile() && facts.nlink === 1 && (process.getuid === undefined || facts.uid === process.getuid())
  )
}

function sameTail(one: Tail, other: Tail): boolean {
  return one.length === other.length && one.sha256 === other.sha256
}
