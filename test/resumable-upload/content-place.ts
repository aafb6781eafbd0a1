import {closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync} from 'node:fs'
import {basename, join} from 'node:path'

/** Where the content of one upload is kept. */
export interface ContentPlace {
  append(bytes: Uint8Array): void
  read(): Buffer
  /** The content is whole, and belongs to this path of the server. */
  finish(path: string): void
  drop(): void
}

/** In memory. */
export class MemoryPlace implements ContentPlace {
  readonly #pieces: Buffer[] = []

  append(bytes: Uint8Array): void {
    this.#pieces.push(Buffer.from(bytes))
  }

  read(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  finish(): void {
    // It is in memory for as long as the server is.
  }

  drop(): void {
    this.#pieces.length = 0
  }
}

/** A file of a folder: under `unfinished` at first, by the last part of its path when it is whole. */
export class FilePlace implements ContentPlace {
  readonly #folder: string
  #path: string

  constructor(folder: string, id: string) {
    this.#folder = folder
    const unfinished = join(folder, 'unfinished')
    mkdirSync(unfinished, {recursive: true})
    this.#path = join(unfinished, id)
    closeSync(openSync(this.#path, 'w'))
  }

  append(bytes: Uint8Array): void {
    const file = openSync(this.#path, 'a')
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
    } finally {
      closeSync(file)
    }
  }

  read(): Buffer {
    return readFileSync(this.#path)
  }

  finish(path: string): void {
    const whole = join(this.#folder, basename(path) || 'content')
    renameSync(this.#path, whole)
    this.#path = whole
  }

  drop(): void {
    rmSync(this.#path, {force: true})
  }
}
