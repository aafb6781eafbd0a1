import {UploadTask} from '../../src/engine/index.ts'
import type {
  SendProgress,
  Session,
  SessionDelegate,
  UploadOptions,
  UploadSource
} from '../../src/engine/index.ts'
import {TaskScript} from './task-script.ts'

const photo: UploadSource = {kind: 'file', path: '/photos/garden.raw'}

/** Moves an upload. */
export class UploadScript extends TaskScript<UploadTask> {
  constructor(delegate: SessionDelegate, source: UploadSource = photo, options: UploadOptions = {}) {
    const url = new URL('https://127.0.0.1/photos/new?token=abc')
    const request = {url, method: 'PUT', headers: []}
    super(delegate, new UploadTask({} as Session, {id: 'u1', request, source, options}))
  }

  protected override expect(total: number | undefined): void {
    this.task.countOfBytesExpectedToSend = total
  }

  resumeAt(offset: number): this {
    this.task.countOfBytesSent = offset
    this.task.resumedFrom = offset
    const expectedTotalBytes = this.task.countOfBytesExpectedToSend
    this.delegate.didResumeAtOffset?.(this.task, {offset, expectedTotalBytes, reason: 'the server has it'})
    return this
  }

  send(total: number): this {
    this.task.countOfBytesSent = total
    return this
  }

  tell(progress: SendProgress): this {
    this.delegate.didSendBodyData?.(this.task, progress)
    return this
  }
}
