import {statfsSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {DownloadTask} from '../download-task.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import {parseAcceptRanges} from '../fields/accept-ranges.ts'
import type {ResumeData} from '../resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import {FollowingDigest} from './digest.ts'
import {partialName} from './file-name.ts'
import {PartialFile} from './partial-file.ts'
import {codingsOf, validatorsOf} from './place-response.ts'
import type {Held, Validators} from './range-request.ts'
import {describeDraft} from './resume-record.ts'
import {Sidecar} from './sidecar.ts'
import {TargetLock} from './target-lock.ts'
import {writeFailure} from './write-failure.ts'

const noValidators: Validators = {entityTag: undefined, lastModified: undefined, date: undefined}
// Shorter files are hashed faster than a thread starts.
const followFrom = 4 * 1024 * 1024

// Bodies up to here are kept in memory for an instant: most are whole before anything has to be on disk.
const briefLimit = 64 * 1024

const roomForResumeData = 64 * 1024

/** Where the body of an answer begins and ends. */
export interface WholeBody {
  readonly total: number | undefined
  readonly content: 'same' | 'changed'
}

/**
 * One download on disk before it is whole: the partial file, its resume data and the right to write them. The order of
 * every change is: resume data that claims less, then bytes, then resume data that claims more (security 6.6).
 */
export class Draft {
  readonly task: DownloadTask
  /** Where the finished file goes. */
  readonly path: string
  readonly existing: 'replace' | 'keep'
  readonly sidecar: Sidecar
  total: number | undefined
  validators: Validators = noValidators
  acceptRanges: string | undefined
  /** The last answer whose bytes are in the file. */
  response: URLResponse | undefined
  #codings = false
  /** Has this task changed anything of what it found? */
  #touched = false
  #floor = 0
  #lock: TargetLock | undefined
  #part: PartialFile | undefined
  #digest: FollowingDigest | undefined
  /** A short body that is not on disk yet. */
  #brief: Buffer[] | undefined
  #opening: Promise<void> | undefined
  #flushing: Promise<void> = Promise.resolve()

  constructor(task: DownloadTask, place: {path: string; existing: 'replace' | 'keep'}) {
    this.task = task
    this.path = place.path
    this.existing = place.existing
    this.sidecar = new Sidecar(task, place.path)
  }

  /** Bytes from the start that are there. */
  get received(): number {
    const brief = this.#brief?.reduce((sum, piece) => sum + piece.length, 0)
    return brief ?? Math.max(this.#floor, this.#part?.position ?? 0)
  }

  get part(): PartialFile | undefined {
    return this.#part
  }

  /** Could another request continue what is here (spec 2.2)? */
  get isContinuable(): boolean {
    return (
      this.received > 0 &&
      hasStrongValidator(this.validators) &&
      !this.#codings &&
      parseAcceptRanges(this.acceptRanges ?? '') !== 'none'
    )
  }

  /** Could another task continue it later? */
  get isResumable(): boolean {
    return (
      this.sidecar.keeping === 'resumeData' &&
      this.isContinuable &&
      this.task.originalRequest.method === 'GET'
    )
  }

  /** What to ask the rest of, or undefined when everything has to come again. */
  get held(): Held | undefined {
    if (!this.isContinuable) return undefined
    return {offset: this.received, total: this.total, validators: this.validators}
  }

  /** Takes the right to write the target; BUSY when somebody else has it. */
  async lock(): Promise<void> {
    this.#lock ??= await TargetLock.acquire(this.path)
  }

  assertFree(): void {
    if (!this.#lock) TargetLock.assertFree(this.path)
  }

  /** Continues what an earlier task left. False when its partial file is not what the resume data says. */
  adopt(data: ResumeData): boolean {
    const path = join(dirname(this.path), data.partial.name)
    const part = PartialFile.reopen(path, {length: data.bytesReceived, tail: data.tail})
    if (!part) return false
    this.sidecar.found(data)
    this.#part = part
    this.total = data.total ?? undefined
    this.acceptRanges = data.response.acceptRanges ?? undefined
    this.validators = {
      entityTag: data.response.entityTag ?? undefined,
      lastModified: data.response.lastModified ?? undefined,
      date: data.response.date ?? undefined
    }
    this.#follow()
    return true
  }

  /** Takes over the file of resume data whose content is of no use, so that it is written over and not left behind. */
  reuse(data: ResumeData): void {
    this.sidecar.found(data)
    this.#part = PartialFile.takeOver(join(dirname(this.path), data.partial.name), data.partial)
  }

  /** Makes ready for a body that is the whole representation, from byte 0 on. */
  async begin(response: URLResponse, {total, content}: WholeBody): Promise<void> {
    // A checkpoint still under way would claim bytes of before.
    await this.rest()
    this.#touched = true
    if (content === 'same' && this.#part) return this.#rewrite(response)
    this.response = response
    this.validators = validatorsOf(response)
    this.acceptRanges = headerValue(response.headers, 'accept-ranges')
    this.#codings = codingsOf(response).length > 0
    this.total = total
    this.#floor = 0
    this.#brief = undefined
    await this.#digest?.close()
    this.#digest = undefined
    if (!this.#part && total !== undefined && total <= briefLimit) this.#brief = []
    else await this.open()
  }

  /** Puts the draft on disk: first the resume data that claims nothing, then the file. Afterwards a crash loses little. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #open(): Promise<void> {
    const {total} = this
    await this.lock()
    this.#assertSpace(total)
    if (this.#part) this.#part.truncate(0)
    await this.#record('active')
    if (!this.#part) {
      this.#part = PartialFile.create(this.#partPath())
      if (basename(this.#part.path) !== basename(this.#partPath())) await this.#record('active')
    }
    this.#spill()
    if (total !== undefined) this.#part.extend(total)
    this.#follow()
  }

  /** Is the body short and still in memory only? */
  get isBrief(): boolean {
    return this.#brief !== undefined
  }

  /** The file with all bytes in it; a short body gets one now, without resume data: its name is an instant away. */
  async wholeFile(): Promise<PartialFile> {
    await this.#opening
    this.assertFree()
    this.#part ??= PartialFile.create(this.#partPath())
    this.#spill()
    this.#part.finishAt(this.received)
    return this.#part
  }

  // The whole body in one view: it goes straight into its file, which gets its name in a moment.
  #spillAtOnce(view: Uint8Array): void {
    if (this.#opening) {
      this.#brief?.push(Buffer.from(view))
      return
    }
    this.#part = PartialFile.create(this.#partPath())
    this.#brief = undefined
    this.#part.write(view)
  }

  #spill(): void {
    const pieces = this.#brief ?? []
    this.#brief = undefined
    for (const piece of pieces) this.#part?.write(piece)
  }

  /** Makes ready for a body that goes behind what is here, from an offset that is at most the received bytes. */
  async continueAt(
    response: URLResponse,
    {offset, total}: {offset: number; total: number | undefined}
  ): Promise<void> {
    if (this.isBrief) await this.open()
    const part = this.#part
    if (!part) throw new Error('nothing to continue')
    this.#touched = true
    this.#floor = this.received
    part.position = offset
    this.response = response
    this.total ??= total
    if (this.total !== undefined) part.extend(this.total)
  }

  /** The hot path: counts, and lends the view to the file. */
  write(view: Uint8Array): void {
    if (this.#brief && view.length === this.total) this.#spillAtOnce(view)
    else if (this.#brief) this.#brief.push(Buffer.from(view))
    else this.#part?.write(view)
    const {received} = this
    this.#digest?.advance(received)
    this.task.countOfBytesReceived = received
  }

  /** Proves what is here: flushes the bytes, then lets the resume data claim them. */
  checkpoint(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      const {received} = this
      if (this.sidecar.keeping === 'nothing' || !this.#part || this.#brief) return
      await this.#part.flush('data')
      await this.#record('active', received)
    })
    return this.#flushing
  }

  /** Resolves when none of its writing is under way, so that nothing comes back after it was removed. */
  async rest(): Promise<void> {
    await this.#flushing.catch(() => {})
    await this.#opening?.catch(() => {})
  }

  /** Leaves the draft for a later task; the path of its resume data, or undefined when it cannot be continued. */
  async keep(state: 'paused' | 'failed'): Promise<string | undefined> {
    await this.rest()
    if (!this.#touched) return this.sidecar.content === 'found' ? this.sidecar.path : undefined
    if (this.#brief && this.isResumable) await this.open()
    if (!this.isResumable || !this.#part) {
      this.discard()
      return undefined
    }
    // The file has its name already; what is left is tidying, for the next run.
    if (this.#part.isClosed) return this.sidecar.path
    try {
      await this.#claim(state, this.received)
    } catch (error) {
      // A disk that is full cannot take better resume data: what is there already names bytes that are safe.
      if (this.sidecar.content === 'none') throw error
    }
    return this.sidecar.path
  }

  async #claim(state: 'paused' | 'failed', received: number): Promise<void> {
    try {
      this.#part?.truncate(received)
      await this.#part?.flush('data')
      await this.#record(state, received)
    } catch (error) {
      // On a full disk the last bytes make room for the resume data that names the others (fault row 44).
      if (!(error instanceof TransferError) || error.code !== 'NO_SPACE' || received <= roomForResumeData)
        throw error
      this.#part?.truncate(received - roomForResumeData)
      await this.#part?.flush('data')
      await this.#record(state, received - roomForResumeData)
    }
  }

  /** State of the resume data in the instant before the file gets its name. */
  async markCommitting(): Promise<void> {
    await this.#flushing
    if (this.sidecar.content !== 'none') await this.#record('committing', this.received)
  }

  async digests(): Promise<readonly string[] | undefined> {
    return this.#digest?.finish()
  }

  /** Removes everything of it. */
  discard(): void {
    this.#part?.remove()
    this.#part = undefined
    this.#brief = undefined
    this.sidecar.remove()
  }

  async close(): Promise<void> {
    await this.rest()
    await this.#digest?.close()
    this.#part?.close()
    this.#lock?.release()
    this.#lock = undefined
  }

  #rewrite(response: URLResponse): void {
    this.#floor = this.received
    this.response = response
    if (this.#part) this.#part.position = 0
  }

  #partPath(): string {
    return join(dirname(this.path), partialName(basename(this.path)))
  }

  #assertSpace(total: number | undefined): void {
    if (total === undefined) return
    const folder = dirname(this.path)
    try {
      const {bavail, bsize} = statfsSync(folder)
      if (bavail * bsize >= total - this.received) return
    } catch (error) {
      throw writeFailure(error, folder)
    }
    throw new TransferError('NO_SPACE', `${folder} has not enough space for ${total} bytes`)
  }

  #follow(): void {
    const checksums = this.task.options.checksums ?? []
    if (checksums.length === 0 || !this.#part || (this.total ?? Infinity) < followFrom) return
    this.#digest = new FollowingDigest(
      this.#part.path,
      checksums.map(({algorithm}) => algorithm)
    )
    this.#digest.advance(this.received)
  }

  async #record(state: ResumeData['state'], received = 0): Promise<void> {
    this.sidecar.generation += 1
    await this.sidecar.write(describeDraft(this, {state, received}))
  }
}
