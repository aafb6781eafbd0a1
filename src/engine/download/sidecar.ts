import {unlinkSync} from 'node:fs'
import type {DownloadTask} from '../download-task.ts'
import {beside, resumeDataName} from '../files/beside.ts'
import {writeFailure} from '../files/write-failure.ts'
import {fitsResumeData} from '../resume-data-limits.ts'
import {writeResumeData} from '../resume-data.ts'
import type {DownloadResumeData} from '../download-resume-data.ts'

/** The resume data of one draft on disk: whether there is some, whose, and where. */
export class Sidecar {
  readonly path: string
  generation = 0
  readonly #task: DownloadTask
  #keeping: 'resumeData' | 'nothing'
  #content: 'none' | 'found' | 'written' = 'none'

  constructor(task: DownloadTask, target: string) {
    const {options, session} = task
    const isPrivate = session.configuration.kind === 'ephemeral' && options.resumeDataPath === undefined
    this.#task = task
    this.#keeping = isPrivate || options.resuming === 'never' ? 'nothing' : 'resumeData'
    this.path = options.resumeDataPath ?? beside(target, resumeDataName)
  }

  /** May a pause or crash leave anything beside the target? */
  get keeping(): 'resumeData' | 'nothing' {
    return this.#keeping
  }

  get content(): 'none' | 'found' | 'written' {
    return this.#content
  }

  /** An earlier task's data was found and belongs to this one now. */
  found(data: DownloadResumeData): void {
    this.generation = data.generation
    this.#content = 'found'
    this.#announce()
  }

  /** Keeps nothing from here on where resume data like this could not be read again. */
  weigh(document: DownloadResumeData): void {
    if (this.#keeping === 'nothing' || fitsResumeData(document)) return
    this.#keeping = 'nothing'
    this.remove()
  }

  async write(document: DownloadResumeData): Promise<void> {
    this.weigh(document)
    if (this.#keeping === 'nothing') return
    const before = this.#content
    try {
      await writeResumeData(this.path, document, {
        key: this.#task.session.environment.resumeDataKey?.(),
        flush: document.state === 'active' && before === 'written' ? 'file' : 'folder'
      })
    } catch (error) {
      throw writeFailure(error, this.path)
    }
    this.#content = 'written'
    if (before === 'none') this.#announce()
  }

  /** Removes it: it is used up. */
  remove(): void {
    if (this.#content === 'none') return
    try {
      unlinkSync(this.path)
    } catch {
      // It is gone already.
    }
    this.#content = 'none'
    this.#task.resumeData = undefined
    this.#task.session.environment.didUpdateResumeData?.(this.#task, undefined)
  }

  #announce(): void {
    this.#task.resumeData = this.path
    this.#task.session.environment.didUpdateResumeData?.(this.#task, this.path)
  }
}
