import {monotonic} from '../exchange/monotonic.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {FileSource} from './file-source.ts'

type Prefix = UploadResumeData['prefix']

const stepSize = 4 * 1024 * 1024

/** SHA-256 of nothing. */
export const emptyPrefix: Prefix = {
  length: 0,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
}

/** The hash of what was sent first, taken a little further now and then, beside what else happens. */
export class SentPrefix {
  readonly #source: FileSource
  #prefix: Prefix

  constructor(source: FileSource, prefix: Prefix = emptyPrefix) {
    this.#source = source
    this.#prefix = prefix
  }

  get prefix(): Prefix {
    return this.#prefix
  }

  /** Hashes on up to a position, for so many milliseconds, give or take a step. */
  async advance(end: number, time: number): Promise<void> {
    const until = monotonic() + time
    try {
      while (this.#prefix.length < end && monotonic() < until) {
        const length = Math.min(end, this.#prefix.length + stepSize)
        this.#prefix = {length, sha256: await this.#source.prefixDigest(length)}
      }
    } catch {
      // What cannot be read is not claimed; whoever sends the file tells what is wrong with it.
    }
  }
}
