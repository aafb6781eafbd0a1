import {existsSync, unlinkSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {TargetLock} from '../files/target-lock.ts'
import {writeFailure} from '../files/write-failure.ts'
import {fitsResumeData} from '../resume-data-limits.ts'
import {writeResumeData} from '../resume-data.ts'
import {makeFolder} from '../storage/make-folder.ts'
import type {UploadResumeData} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import {recordName} from './upload-record.ts'

/** Where an upload's resume data lies. given: the user has named the file. */
export interface RecordPlace {
  readonly path: string
  readonly name: 'given' | 'found'
}

/** Where an upload may leave resume data; undefined: nowhere. What nobody has signed, nobody continues. */
export function recordPlace(task: UploadTask, path: string): RecordPlace | undefined {
  const {options, session} = task
  const key = session.environment.resumeDataKey?.()
  if (!key || options.resuming === 'never') return undefined
  if (options.resumeDataPath !== undefined) return {path: options.resumeDataPath, name: 'given'}
  if (options.resumeDataFolder === undefined || session.configuration.kind === 'ephemeral') return undefined
  return {path: join(options.resumeDataFolder, recordName(task, {key, path})), name: 'found'}
}

/** waiting: an earlier task has written it down to begin later, and nothing was sent yet. */
type RecordContent = 'none' | 'waiting' | 'found' | 'written'

/** Undefined: there is nothing to write any more. */
type Describe = (generation: number) => UploadResumeData | undefined

/** The resume data of one upload on disk, and the right to write it. */
export class RecordFile {
  readonly #task: UploadTask
  readonly #place: RecordPlace | undefined
  #path: string | undefined
  #generation = 0
  #lock: TargetLock | undefined
  #isGivenUp = false
  #content: RecordContent = 'none'
  #last: Promise<void> = Promise.resolve()

  constructor(task: UploadTask, place: RecordPlace | undefined) {
    this.#task = task
    this.#place = place
    this.#path = place?.path
  }

  get content(): RecordContent {
    return this.#content
  }

  /** Absolute path of the resume data, while there is some. */
  get path(): string | undefined {
    return this.#content === 'none' ? undefined : this.#path
  }

  /** Is it still on disk? Somebody may have removed it. */
  get isThere(): boolean {
    return this.path !== undefined && existsSync(this.path)
  }

  /**
   * Takes the right to write it. Where another process sends the same file to the same place, this one's resume data
   * gets a name of its own, unless the user has given one: BUSY. Where nothing can be written, there will be none: as with
   * a second one, what is there is somebody else's affair.
   */
  async lock(): Promise<'first' | 'second'> {
    const place = this.#place
    if (this.#lock || !place || this.#isGivenUp) return 'first'
    try {
      if (place.name === 'found') makeFolder(dirname(place.path), 0o700)
      this.#lock = await TargetLock.acquire(place.path)
      return 'first'
    } catch (error) {
      const failure = writeFailure(error, place.path)
      if (failure.code === 'BUSY' && place.name === 'found') await this.stepAside()
      else this.#doWithout(failure)
      return 'second'
    }
  }

  /** What is under the name is not this task's, and stays. */
  async stepAside(): Promise<void> {
    const place = this.#place
    if (!place) return
    this.release()
    this.#path = join(dirname(place.path), `${basename(place.path, '.ferry')}-${this.#task.id}.ferry`)
    this.#lock = await TargetLock.acquire(this.#path).catch((error: unknown) => this.#doWithout(error))
  }

  /** An earlier task's resume data belongs to this one now. */
  found(data: UploadResumeData): void {
    this.#generation = data.generation
    this.#task.sentBefore = data.prefix.length
    this.#content = data.parts.length > 0 ? 'found' : 'waiting'
    this.#announce()
  }

  /** Writes and flushes what is described for this generation; one after the other. */
  write(describe: Describe): Promise<void> {
    const writing = this.#last
      .then(() => this.#write(describe))
      .catch((error: unknown) => this.#doWithout(error))
    this.#last = writing.catch(() => {})
    return writing
  }

  async #write(describe: Describe): Promise<void> {
    await this.lock()
    const path = this.#path
    const data = describe(this.#generation + 1)
    if (path === undefined || !data) return
    if (!fitsResumeData(data)) return this.#giveUp()
    const before = this.#content
    try {
      // Somebody may have tidied up meanwhile.
      if (this.#place?.name === 'found') makeFolder(dirname(path), 0o700)
      await writeResumeData(path, data, {
        key: this.#task.session.environment.resumeDataKey?.(),
        flush: data.state === 'active' && before === 'written' ? 'file' : 'folder'
      })
    } catch (error) {
      throw writeFailure(error, path)
    }
    this.#generation += 1
    this.#content = 'written'
    if (before === 'none') this.#announce()
  }

  // A folder that cannot be written to is no reason not to upload, only one not to continue. A file that somebody has
  // named is wanted.
  #doWithout(error: unknown): undefined {
    if (this.#place?.name !== 'found' || this.#content !== 'none') throw error
    this.#giveUp()
  }

  // What is there of before says what is no longer true.
  #giveUp(): void {
    this.#unlink()
    this.#path = undefined
    this.#isGivenUp = true
    this.release()
  }

  /** Removes it: the upload has ended for good. */
  async remove(): Promise<void> {
    await this.#last
    this.#unlink()
  }

  #unlink(): void {
    if (this.#content === 'none' || this.#path === undefined) return
    try {
      unlinkSync(this.#path)
    } catch {
      // It is gone already.
    }
    this.#content = 'none'
    this.#announce()
  }

  release(): void {
    this.#lock?.release()
    this.#lock = undefined
  }

  #announce(): void {
    const {path} = this
    this.#task.resumeData = path
    this.#task.session.environment.didUpdateResumeData?.(this.#task, path)
  }
}
