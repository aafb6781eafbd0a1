import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {DownloadTask} from '../download-task.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'
import {PartialFile} from '../files/partial-file.ts'
import {TargetLock} from '../files/target-lock.ts'
import type {URLResponse} from '../url-request.ts'
import {claimReceived} from './claim-received.ts'
import {assertSpace} from './free-space.ts'
import type {Held} from './range-request.ts'
import {
  canBeContinued,
  recordedRepresentation,
  representationOf,
  unknownRepresentation
} from './representation.ts'
import type {Representation} from './representation.ts'
import {describeDraft} from './resume-record.ts'
import {Sidecar} from './sidecar.ts'
import {StagedBytes, mayBeBrief} from './staged-bytes.ts'
import type {Place} from './target.ts'

/** Where the body of an answer begins and ends. */
export interface WholeBody {
  readonly total: number | undefined
  readonly content: 'same' | 'changed'
}

/**
 * One download on disk before it is whole: the partial file, its resume data and the right to write them. The order of
 * every change is: resume data that claims less, then bytes, then resume data that claims more.
 */
export class Draft {
  readonly task: DownloadTask
  /** Where the finished file goes. */
  readonly path: string
  readonly place: Place
  readonly sidecar: Sidecar
  readonly staged: StagedBytes
  representation: Representation = unknownRepresentation
  /** The last answer whose bytes are in the file. */
  response: URLResponse | undefined
  /** Has this task changed anything of what it found? */
  #touched = false
  #lock: TargetLock | undefined
  #opening: Promise<void> | undefined
  #flushing: Promise<void> | undefined

  constructor(task: DownloadTask, place: Place) {
    this.task = task
    this.path = place.path
    this.place = place
    this.sidecar = new Sidecar(task, place.path)
    this.staged = new StagedBytes(place.path, task.options.checksums ?? [])
  }

  /** Bytes from the start that are there. */
  get received(): number {
    return this.staged.received
  }

  get total(): number | undefined {
    return this.representation.total
  }

  get part(): PartialFile | undefined {
    return this.staged.part
  }

  /** Could another request continue what is here? */
  get isContinuable(): boolean {
    return this.received > 0 && canBeContinued(this.representation)
  }

  /** Could another task continue it later? */
  get isResumable(): boolean {
    const isKept = this.sidecar.keeping === 'resumeData'
    return isKept && this.isContinuable && this.task.originalRequest.method === 'GET'
  }

  /** What to ask the rest of, or undefined when everything has to come again. */
  get held(): Held | undefined {
    if (!this.isContinuable) return undefined
    const {total, validators} = this.representation
    return {offset: this.received, total, validators}
  }

  /** Takes the right to write the target; BUSY when somebody else has it. */
  async lock(): Promise<void> {
    this.#lock ??= await TargetLock.acquire(this.path)
  }

  assertFree(): void {
    if (!this.#lock) TargetLock.assertFree(this.path)
  }

  /** Continues what an earlier task left. False when its partial file is not what the resume data says. */
  adopt(data: DownloadResumeData): boolean {
    const path = join(dirname(this.path), data.partial.name)
    const part = PartialFile.reopen(path, {length: data.bytesReceived, tail: data.tail})
    if (!part) return false
    this.sidecar.found(data)
    this.representation = recordedRepresentation(data)
    this.staged.adopt(part)
    this.staged.expect(undefined)
    return true
  }

  /** Takes over the file of resume data whose content is of no use, so that it is written over and not left behind. */
  reuse(data: DownloadResumeData): void {
    this.sidecar.found(data)
    this.staged.adopt(PartialFile.takeOver(join(dirname(this.path), data.partial.name), data.partial))
  }

  /** Makes ready for a body that is the whole representation, from byte 0 on. */
  async begin(response: URLResponse, {total, content}: WholeBody): Promise<void> {
    // A checkpoint still under way would claim bytes of before.
    await this.rest()
    const isSame = content === 'same' && this.part !== undefined
    this.#hear(response, isSame ? this.representation : representationOf(response, total))
    if (isSame) return this.staged.rewind(0)
    await this.staged.clear()
    if (!this.part && mayBeBrief(this.task, total)) this.staged.beginInMemory()
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
    const {total, part} = this
    await this.lock()
    if (total !== undefined) assertSpace(dirname(this.path), total - this.received)
    part?.truncate(0)
    await this.record('active')
    // The resume data has to name the file, or a crash would leave one that nobody knows.
    if (this.staged.toFile() === 'other' && !part) await this.record('active')
    this.staged.expect(total)
    this.task.countOfBytesReceived = this.received
  }

  /** The file with all bytes in it; a short body gets one now, without resume data: its name is an instant away. */
  async wholeFile(): Promise<PartialFile> {
    await this.#opening
    this.assertFree()
    this.staged.toFile()
    const {part} = this
    if (!part) throw new Error('no file was made')
    part.finishAt(this.received)
    this.task.countOfBytesReceived = this.received
    return part
  }

  /** Makes ready for a body that goes behind what is here, from an offset that is at most the received bytes. */
  async continueAt(response: URLResponse, {offset, total}: Omit<Held, 'validators'>): Promise<void> {
    if (this.staged.isBrief) await this.open()
    this.#hear(response, {...this.representation, total: this.total ?? total})
    this.staged.rewind(offset)
    this.staged.expect(this.total)
  }

  #hear(response: URLResponse, representation: Representation): void {
    this.#touched = true
    this.response = response
    this.representation = representation
    this.sidecar.weigh(describeDraft(this, {state: 'active', received: 0}))
  }

  /** The hot path: counts, and lends the view to the file. */
  write(view: Uint8Array): void {
    if (this.staged.isBrief && view.length === this.total && !this.#opening) this.staged.writeAtOnce(view)
    else this.staged.write(view)
    this.task.countOfBytesReceived = this.staged.written
  }

  /** Proves what is here: flushes the bytes, then lets the resume data claim them. */
  checkpoint(): Promise<void> {
    this.#flushing = (this.#flushing ?? Promise.resolve()).then(async () => {
      const {received, part} = this
      if (this.sidecar.keeping === 'nothing' || !part || this.staged.isBrief) return
      await part.flush('data')
      await this.record('active', received)
    })
    return this.#flushing
  }

  /** Resolves when none of its writing is under way, so that nothing comes back after it was removed. */
  async rest(): Promise<void> {
    await this.#flushing?.catch(() => {})
    await this.#opening?.catch(() => {})
  }

  /** Leaves the draft for a later task; the path of its resume data, or undefined when it cannot be continued. */
  async keep(state: 'paused' | 'failed'): Promise<string | undefined> {
    await this.rest()
    if (!this.#touched) return this.sidecar.content === 'found' ? this.sidecar.path : undefined
    const isKept = this.isResumable && (await this.#mayRecord())
    if (isKept && this.staged.isBrief) await this.open()
    if (!isKept || !this.part) {
      this.discard()
      return undefined
    }
    // The file has its name already; what is left is tidying, for the next run.
    if (this.part.isClosed) return this.sidecar.path
    try {
      const record = (received: number) => this.record(state, received)
      this.task.countOfBytesReceived = await claimReceived(this.part, {received: this.received, record})
    } catch (error) {
      // A disk that is full cannot take better resume data: what is there already names bytes that are safe.
      if (this.sidecar.content === 'none') throw error
    }
    return this.sidecar.path
  }

  /** Removes everything of it. */
  discard(): void {
    this.staged.discard()
    this.sidecar.remove()
  }

  async close(): Promise<void> {
    await this.rest()
    await this.staged.close()
    this.#lock?.release()
    this.task.session.folders.release(this.path, this.task.id)
    this.#lock = undefined
  }

  // Of two short downloads of one name, which were never locked, only one can leave resume data under it.
  async #mayRecord(): Promise<boolean> {
    if (this.#lock) return true
    return this.lock().then(
      () => !existsSync(this.sidecar.path),
      () => false
    )
  }

  /** Writes the resume data: so many bytes are proved. */
  async record(state: DownloadResumeData['state'], received = 0): Promise<void> {
    this.sidecar.generation += 1
    await this.sidecar.write(describeDraft(this, {state, received}))
  }
}
