import type {UploadPart, UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {secretSegments} from './secret-segments.ts'
import {cancelWithin} from './cancel-within.ts'
import {Checkpoints} from './checkpoints.ts'
import {chosenWay} from './chosen-way.ts'
import type {FileSource} from './file-source.ts'
import type {Standing} from './next-course.ts'
import {patienceWithServer} from './patience-with-server.ts'
import {SentPrefix} from './sent-prefix.ts'
import type {UploadProtocol, UploadWalk} from './upload-protocol.ts'
import {describeUpload} from './upload-record.ts'
import type {RecordFile} from './record-file.ts'

/** What a walk begins with. */
export interface WalkBeginning {
  readonly source: FileSource
  readonly recordFile: RecordFile
  readonly protocol: UploadProtocol
  /** What an earlier task left of the same upload. */
  readonly earlier: UploadResumeData | undefined
}

// Milliseconds of hashing at a checkpoint, a twentieth of the time between two of them, and at the last one.
const hashingTime = 25
const lastHashingTime = 100

/** The upload of one file that may be continued: what the server has, and what is on disk about it. */
export class FileWalk implements UploadWalk {
  readonly task: UploadTask
  readonly source: FileSource
  readonly recordFile: RecordFile
  protocol: UploadProtocol
  parts: readonly UploadPart[]
  expires: number | undefined
  /** The most that the server ever said it has. */
  acknowledged = 0
  /** Resources that were lost since the server acknowledged a new byte. */
  losses = 0
  /** Steps in a row that wanted more and brought nothing; and that were refused because of their offset. */
  fruitless = 0
  conflicts = 0
  readonly #prefix: SentPrefix
  readonly #checkpoints = new Checkpoints(() => this.#checkpoint())
  #offset: number | undefined
  /** Does the delegate have to hear where this task begins? */
  #introduction: 'due' | 'none'

  constructor(task: UploadTask, {source, recordFile, protocol, earlier}: WalkBeginning) {
    this.task = task
    this.source = source
    this.recordFile = recordFile
    this.protocol = protocol
    this.parts = earlier?.parts ?? []
    this.expires = earlier?.expires ?? undefined
    this.#prefix = new SentPrefix(source, earlier?.prefix)
    this.#introduction = earlier ? 'due' : 'none'
    this.#keepSecret()
  }

  get offset(): number | undefined {
    return this.#offset
  }

  set offset(offset: number | undefined) {
    if (offset === undefined) this.#offset = undefined
    else this.acknowledge(offset)
  }

  get standing(): Standing {
    const {protocol, parts, losses, fruitless, task} = this
    return {
      protocol: protocol.name,
      choice: chosenWay(task).resumable === 'auto' ? 'auto' : 'given',
      resource: parts.length > 0 ? 'known' : 'unknown',
      restarting: task.options.restarting ?? 'allow',
      losses,
      fruitless
    }
  }

  async remember(parts: readonly UploadPart[]): Promise<void> {
    this.parts = parts
    this.#keepSecret()
    if (parts.length === 0) return this.forget()
    const remembered = this.#record('active').then(() => this.begin())
    this.task.remembering = remembered.catch(() => {})
    await remembered.finally(() => (this.task.remembering = undefined))
  }

  /** From here on it can be paused, where something is on disk. */
  begin(): void {
    const isKept = this.recordFile.path !== undefined
    this.task.hasResource = isKept
    if (isKept) this.#checkpoints.start()
  }

  acknowledge(offset: number): void {
    this.#offset = offset
    if (offset > this.acknowledged) {
      this.acknowledged = offset
      this.losses = 0
    }
    this.#tellResumption(offset, 'The server has kept what was sent before')
  }

  /** What was sent is lost: the next step begins at zero. */
  restart(reason: string): void {
    const {task} = this
    this.losses += 1
    this.parts = []
    this.expires = undefined
    this.#offset = undefined
    task.hasResource = false
    task.restarted = true
    task.restartReason = reason
    this.#introduction = 'due'
    this.#tellResumption(0, reason)
  }

  /** Leaves what it takes to continue. Resolves to its path, or to undefined where nobody could continue it. */
  async keep(state: 'paused' | 'failed'): Promise<string | undefined> {
    await this.#checkpoints.stop()
    if (this.recordFile.content === 'waiting') return this.recordFile.path
    if (this.parts.length === 0) await this.forget()
    if (this.recordFile.path === undefined) return undefined
    await this.#prefix.advance(this.#sent, lastHashingTime)
    // What was written before still holds, where it is still there.
    await this.#record(state).catch(() => {})
    return this.recordFile.isThere ? this.recordFile.path : undefined
  }

  /** There is nothing to continue any more: the server has said its last word, or has lost everything. */
  async forget(): Promise<void> {
    this.task.hasResource = false
    this.parts = []
    await this.#checkpoints.stop()
    await this.recordFile.remove()
  }

  /** Ends the upload for good, on the server as well, as far as that can be had in a few seconds. */
  async takeBack(): Promise<void> {
    this.task.hasResource = false
    await this.#checkpoints.stop()
    if (this.parts.length > 0) await cancelWithin(patienceWithServer, {protocol: this.protocol, walk: this})
    await this.forget()
  }

  get #sent(): number {
    return Math.min(this.source.size, Math.max(this.acknowledged, this.task.countOfBytesSent))
  }

  #keepSecret(): void {
    const {task, parts} = this
    const addresses = parts.map(({url}) => url)
    task.noteSecrets(secretSegments(addresses, task.originalRequest.url))
  }

  #record(state: UploadResumeData['state']): Promise<void> {
    return this.recordFile.write(generation =>
      // A checkpoint may come between a resource that was lost and the next one.
      this.parts.length === 0
        ? undefined
        : describeUpload({
            walk: this,
            protocol: this.protocol,
            state,
            generation,
            prefix: this.#prefix.prefix
          })
    )
  }

  async #checkpoint(): Promise<void> {
    await this.#prefix.advance(this.#sent, hashingTime)
    await this.#record('active').catch(() => {})
  }

  /** Where the content of this task begins (R40). */
  #tellResumption(offset: number, reason: string): void {
    if (this.#introduction === 'none') return
    this.#introduction = 'none'
    const {task, source} = this
    task.countOfBytesSent = offset
    task.resumedFrom = offset
    task.session.progress.rebase(task)
    task.session.delegate.didResumeAtOffset?.(task, {offset, expectedTotalBytes: source.size, reason})
  }
}
