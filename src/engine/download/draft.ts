import {statfsSync, unlinkSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {DownloadTask} from '../download-task.ts'
import {hasStrongValidator} from '../fields/if-range.ts'
import {parseAcceptRanges} from '../fields/accept-ranges.ts'
import {writeResumeData} from '../resume-data.ts'
import type {ResumeData} from '../resume-data.ts'
import {TransferError} from '../transfer-error.ts'
import {headerValue} from '../url-request.ts'
import type {URLResponse} from '../url-request.ts'
import {FollowingDigest} from './digest.ts'
import {partialName, resumeDataName} from './file-name.ts'
import {PartialFile} from './partial-file.ts'
import {codingsOf, validatorsOf} from './place-response.ts'
import type {Held, Validators} from './range-request.ts'
import {describeDraft} from './resume-record.ts'
import {TargetLock} from './target-lock.ts'
import {writeFailure} from './write-failure.ts'

const noValidators: Validators = {entityTag: undefined, lastModified: undefined, date: undefined}
// Shorter files are hashed faster than a thread starts.
const followFrom = 4 * 1024 * 1024

/** Whether a pause or crash may leave anything beside the target. */
export type DraftKeeping = 'resumeData' | 'nothing'

/**
 * One download on disk before it is whole: the partial file, its resume data and the right to write them. The order of
 * every change is: resume data that claims less, then bytes, then resume data that claims more (security 6.6).
 */
export class Draft {
  readonly task: DownloadTask
  /** Where the finished file goes. */
  readonly path: string
  readonly existing: 'replace' | 'keep'
  readonly resumeDataPath: string
  readonly keeping: DraftKeeping
  total: number | undefined
  validators: Validators = noValidators
  acceptRanges: string | undefined
  generation = 0
  /** The last answer whose bytes are in the file. */
  response: URLResponse | undefined
  #codings = false
  /** Has this task changed anything of what it found? */
  #touched = false
  #floor = 0
  #lock: TargetLock | undefined
  #part: PartialFile | undefined
  #digest: FollowingDigest | undefined
  #written: 'never' | 'before' | 'now' = 'never'
  #flushing: Promise<void> = Promise.resolve()

  constructor(task: DownloadTask, place: {path: string; existing: 'replace' | 'keep'}) {
    this.task = task
    this.path = place.path
    this.existing = place.existing
    const {options, session} = task
    const isPrivate = session.configuration.kind === 'ephemeral' && options.resumeDataPath === undefined
    this.keeping = isPrivate || options.resuming === 'never' ? 'nothing' : 'resumeData'
    this.resumeDataPath =
      options.resumeDataPath ?? join(dirname(place.path), resumeDataName(basename(place.path)))
  }

  /** Bytes from the start that are there. */
  get received(): number {
    return Math.max(this.#floor, this.#part?.position ?? 0)
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
    return this.keeping === 'resumeData' && this.isContinuable && this.task.originalRequest.method === 'GET'
  }

  /** What to ask the rest of, or undefined when everything has to come again. */
  get held(): Held | undefined {
    if (!this.isContinuable) return undefined
    return {offset: this.received, total: this.total, validators: this.validators}
  }

  /** Takes the right to write the target; BUSY when somebody else has it. */
  async lock(): Promise<void> {
    this.#lock ??= await TargetLock.acquire(`${this.path}.lock`, this.path)
  }

  assertFree(): void {
    if (!this.#lock) TargetLock.assertFree(`${this.path}.lock`, this.path)
  }

  /** Continues what an earlier task left. False when its partial file is not what the resume data says. */
  adopt(data: ResumeData): boolean {
    const path = join(dirname(this.path), data.partial.name)
    const part = PartialFile.reopen(path, {length: data.bytesReceived, tail: data.tail})
    if (!part) return false
    this.generation = data.generation
    this.#written = 'before'
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
    this.generation = data.generation
    this.#written = 'before'
    this.#part = PartialFile.takeOver(join(dirname(this.path), data.partial.name), data.partial)
  }

  /** Makes ready for a body that is the whole representation, from byte 0 on. */
  async begin(
    response: URLResponse,
    {total, content}: {total: number | undefined; content: 'same' | 'changed'}
  ): Promise<void> {
    await this.lock()
    this.#touched = true
    if (content === 'same' && this.#part) return this.#rewrite(response)
    this.response = response
    this.validators = validatorsOf(response)
    this.acceptRanges = headerValue(response.headers, 'accept-ranges')
    this.#codings = codingsOf(response).length > 0
    this.total = total
    this.#assertSpace(total)
    this.#floor = 0
    await this.#digest?.close()
    this.#digest = undefined
    if (this.#part) this.#part.truncate(0)
    await this.#record('active')
    if (!this.#part) {
      this.#part = PartialFile.create(this.#partPath())
      if (basename(this.#part.path) !== basename(this.#partPath())) await this.#record('active')
    }
    if (total !== undefined) this.#part.extend(total)
    this.#follow()
  }

  /** Makes ready for a body that goes behind what is here, from an offset that is at most the received bytes. */
  continueAt(response: URLResponse, {offset, total}: {offset: number; total: number | undefined}): void {
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
    this.#part?.write(view)
    const {received} = this
    this.#digest?.advance(received)
    this.task.countOfBytesReceived = received
  }

  /** Proves what is here: flushes the bytes, then lets the resume data claim them. */
  checkpoint(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      const {received} = this
      if (this.keeping === 'nothing' || !this.#part) return
      await this.#part.flush('data')
      await this.#record('active', received)
    })
    return this.#flushing
  }

  /** Leaves the draft for a later task; the path of its resume data, or undefined when it cannot be continued. */
  async keep(state: 'paused' | 'failed'): Promise<string | undefined> {
    await this.#flushing.catch(() => {})
    if (!this.#touched) return this.#written === 'before' ? this.resumeDataPath : undefined
    if (!this.isResumable || !this.#part) {
      this.discard()
      return undefined
    }
    const {received} = this
    this.#part.truncate(received)
    try {
      await this.#part.flush('data')
      await this.#record(state, received)
    } catch (error) {
      // A disk that is full cannot take better resume data: what is there already names bytes that are safe.
      if (this.#written === 'never') throw error
    }
    return this.resumeDataPath
  }

  /** State of the resume data in the instant before the file gets its name. */
  async markCommitting(): Promise<void> {
    await this.#flushing
    await this.#record('committing', this.received)
  }

  async digests(): Promise<readonly string[] | undefined> {
    return this.#digest?.finish()
  }

  /** Removes everything of it. */
  discard(): void {
    this.#part?.remove()
    this.#part = undefined
    this.forget()
  }

  /** Removes the resume data: it is used up. */
  forget(): void {
    if (this.#written === 'never') return
    try {
      unlinkSync(this.resumeDataPath)
    } catch {
      // It is gone already.
    }
    this.#written = 'never'
    this.task.resumeData = undefined
    this.task.session.environment.didUpdateResumeData?.(this.task, undefined)
  }

  async close(): Promise<void> {
    await this.#flushing.catch(() => {})
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
    if (this.keeping === 'nothing') return
    const {environment} = this.task.session
    this.generation += 1
    const isFirst = this.#written !== 'now'
    try {
      await writeResumeData(this.resumeDataPath, describeDraft(this, {state, received}), {
        key: environment.resumeDataKey?.(),
        flush: state === 'active' && !isFirst ? 'file' : 'folder'
      })
    } catch (error) {
      throw writeFailure(error, this.resumeDataPath)
    }
    this.#written = 'now'
    if (!isFirst) return
    this.task.resumeData = this.resumeDataPath
    environment.didUpdateResumeData?.(this.task, this.resumeDataPath)
  }
}
