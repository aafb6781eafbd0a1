import {Task} from '../../src/engine/task.ts'
import type {TaskOutcome} from '../../src/engine/task.ts'
import type {DownloadOptions, DownloadTask, Session} from '../../src/engine/index.ts'
import {TaskScript} from './task-script.ts'

type FileFacts = Pick<
  DownloadTask,
  'path' | 'resumeData' | 'resumedFrom' | 'restarted' | 'restartReason' | 'checksum'
>

/** A download of the engine's own kind, moved by hand: what a display reads, without a network behind it. */
export class HandMovedTask extends Task implements FileFacts {
  readonly kind = 'download'
  override readonly options: DownloadOptions
  path: string | undefined
  resumeData: string | undefined
  resumedFrom: number | undefined
  restarted = false
  restartReason: string | undefined
  checksum: string | undefined

  constructor(id: string, url: string, options: Partial<DownloadOptions> = {}) {
    const request = {url: new URL(url), method: 'GET', headers: []}
    const complete = {directory: '/downloads', ...options}
    super({} as Session, {id, request, options: complete})
    this.options = complete
  }

  perform(): Promise<TaskOutcome> {
    return this.outcome
  }
}

/** Moves a download. */
export class Script extends TaskScript<HandMovedTask> {
  protected override expect(total: number | undefined): void {
    this.task.countOfBytesExpectedToReceive = total
  }

  resumeAt(offset: number): this {
    this.task.countOfBytesReceived = offset
    this.task.resumedFrom = offset
    const expectedTotalBytes = this.task.countOfBytesExpectedToReceive
    this.delegate.didResumeAtOffset?.(this.#download, {offset, expectedTotalBytes, reason: 'unchanged'})
    return this
  }

  receive(total: number): this {
    this.task.countOfBytesReceived = total
    return this
  }

  finish(path: string): this {
    this.task.path = path
    this.delegate.didFinishDownloading?.(this.#download, path)
    return this
  }

  /** Displays and events read of a download only what the task here has. */
  get #download(): DownloadTask {
    return this.task as Task as DownloadTask
  }
}
