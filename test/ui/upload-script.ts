import type {
  SendProgress,
  Session,
  SessionDelegate,
  TaskOutcome,
  UploadSource
} from '../../src/engine/index.ts'
import {UploadTask} from '../../src/engine/index.ts'
import type {UploadOptions, Waiting} from '../../src/engine/index.ts'

const photo: UploadSource = {kind: 'file', path: '/photos/garden.raw'}

/** An upload that is moved by hand: tells a delegate about it in the order in which a session does. */
export class UploadScript {
  readonly task: UploadTask
  readonly #delegate: SessionDelegate

  constructor(delegate: SessionDelegate, source: UploadSource = photo, options: UploadOptions = {}) {
    const url = new URL('https://127.0.0.1/photos/new?token=abc')
    const request = {url, method: 'PUT', headers: []}
    this.#delegate = delegate
    this.task = new UploadTask({} as Session, {id: 'u1', request, source, options})
    delegate.didCreateTask?.(this.task)
  }

  start(expected?: number): this {
    this.task.enter('running')
    this.task.started = Date.now()
    this.task.countOfBytesExpectedToSend = expected
    this.#delegate.didStartTask?.(this.task, 1)
    return this
  }

  resumeAt(offset: number): this {
    this.task.countOfBytesSent = offset
    this.task.resumedFrom = offset
    const expectedTotalBytes = this.task.countOfBytesExpectedToSend
    this.#delegate.didResumeAtOffset?.(this.task, {offset, expectedTotalBytes, reason: 'the server has it'})
    return this
  }

  send(total: number): this {
    this.task.countOfBytesSent = total
    return this
  }

  tell(progress: SendProgress): this {
    this.#delegate.didSendBodyData?.(this.task, progress)
    return this
  }

  wait(waiting: Waiting): this {
    this.task.enter('waiting')
    this.#delegate.taskIsWaiting?.(this.task, waiting)
    return this
  }

  end(outcome: TaskOutcome): void {
    this.task.end(outcome)
    this.task.ended = Date.now()
    this.#delegate.didCompleteWithError?.(this.task, outcome.error)
    this.task.settle()
  }
}
